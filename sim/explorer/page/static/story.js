// Keys of the story and the search in the list of questions; without this script all of it works by links.
"use strict"
{
  const follow = id => document.getElementById(id)?.click()
  const keys = { ArrowRight: "next", ArrowLeft: "back", Escape: "skip" }
  document.addEventListener("keydown", event => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input")) return
    if (event.key in keys) follow(keys[event.key])
  })

  const find = document.getElementById("find")
  find?.addEventListener("input", () => {
    const words = find.value.toLowerCase().split(/\s+/)
    for (const entry of document.querySelectorAll("#questions li")) {
      const text = entry.textContent.toLowerCase()
      entry.hidden = !words.every(word => text.includes(word))
    }
  })
}
