// Behaviour of the page that needs no figure. It is a file of its own because the page's policy allows no scripts in
// attributes and no code made from text, as Bokeh's CustomJS is.
"use strict"
{
  const LARGEST = Number(document.currentScript.dataset.largest)
  const OTHER_THEME = document.currentScript.dataset.otherTheme

  const asked = new URLSearchParams(location.search)
  if (!asked.has("theme") && matchMedia("(prefers-color-scheme: dark)").matches) {
    asked.set("theme", "dark")
    location.replace(location.pathname + "?" + asked)
  }

  document.addEventListener("click", event => {
    if (event.target.closest("#other-theme") === null) return
    event.preventDefault()
    const query = new URLSearchParams(location.search)
    query.set("theme", OTHER_THEME)
    location.search = query
  })

  // A file that is too large is not sent at all.
  document.addEventListener("input", event => {
    const input = event.composedPath()[0]
    const file = input.type === "file" ? input.files[0] : undefined
    if (file === undefined || file.size <= LARGEST) return
    input.value = ""
    document.getElementById("message").textContent = `${file.name}: is too large; allowed: ${LARGEST} bytes`
  }, true)

  const with_theme = text => {
    const query = new URLSearchParams(text)
    const theme = new URLSearchParams(location.search).get("theme")
    if (theme) query.set("theme", theme)
    return query
  }

  // Puts texts where they belong, past the layout of the figures, which would be made anew for each of them.
  const deliver = (mail, echo) => {
    const [number, , texts] = mail.tags
    for (const [id, html] of Object.entries(texts ?? {})) document.getElementById(id).innerHTML = html
    requestAnimationFrame(() => { echo.value = String(number ?? 0) })
  }

  // The address is that of the page; a step that can be undone is an entry in the history, which Back undoes.
  let steps = Infinity
  const write = address => {
    const [made] = address.tags
    const query = "?" + with_theme(address.value)
    if (query !== location.search) {
      history[made > steps ? "pushState" : "replaceState"](null, "", location.pathname + query)
    }
    steps = made
  }

  const connect = () => {
    const [mail, echo, address, going, back] = ["mail", "echo", "address", "going", "back"].map(
      name => window.Bokeh?.documents[0]?.get_model_by_name(name))
    if (!back) {
      setTimeout(connect, 20)
      return
    }
    mail.properties.tags.change.connect(() => deliver(mail, echo))
    address.properties.value.change.connect(() => write(address))
    let times = 0
    addEventListener("popstate", () => { back.tags = [++times, location.search.slice(1)] })
    write(address)
    going.properties.value.change.connect(() => {
      if (going.value) location.search = with_theme(going.value)
    })
    deliver(mail, echo)
  }
  connect()
}
