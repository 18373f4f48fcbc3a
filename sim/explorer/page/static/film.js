// The film of one run: its controls and keys. The page delivers it as HTML with the figures of every date at hand.
"use strict"
{
  const dialog = document.getElementById("film")
  const still = matchMedia("(prefers-reduced-motion: reduce)")
  const at = id => document.getElementById(id)
  let film = null, timer = 0

  const playing = () => timer !== 0
  const stop = () => {
    clearTimeout(timer)
    timer = 0
    at("film-play").textContent = "Play"
    at("film-said").setAttribute("aria-live", "polite")
  }

  const paint = () => {
    const place = film.place, last = film.dates.length - 1
    at("film-place").value = place
    at("film-place").setAttribute("aria-valuetext", film.dates[place])
    at("film-date").textContent = film.dates[place]
    for (const each of dialog.querySelectorAll("[data-client]")) {
      const client = each.dataset.client, rank = film.posture[place][client]
      if (each.matches(".rung")) each.textContent = rank > 0 ? ` (${film.postures[rank]})` : ""
      else if (each.matches(".promise")) each.setAttribute("visibility", rank < 0 || rank >= film.out ? "hidden" : "visible")
      else each.style.fill = film.scale[Math.round(film.trust[place][client] * (film.scale.length - 1))]
    }
    for (const each of dialog.querySelectorAll(".arrow")) {
      const since = place - each.dataset.place
      each.setAttribute("visibility", since >= 0 && since < film.stays ? "visible" : "hidden")
    }
    const told = [...dialog.querySelectorAll("#film-said li[data-place]")]
    const latest = Math.max(-1, ...told.map(each => Number(each.dataset.place)).filter(when => when <= place))
    for (const each of told) each.hidden = Number(each.dataset.place) !== latest
    at("film-said").classList.toggle("past", latest !== place)
    for (const each of dialog.querySelectorAll(".seen")) {
      each.setAttribute("width", each.dataset.wide * film.days[place])
    }
    at("film-room").classList.toggle("ended", place === last)
  }

  const go = place => {
    film.place = Math.min(Math.max(place, 0), film.dates.length - 1)
    paint()
    if (film.place === film.dates.length - 1) stop()
  }

  const tick = () => {
    go(film.place + 1)
    if (playing()) timer = setTimeout(tick, 1000 / at("film-speed").value)
  }

  const play = () => {
    if (playing()) return stop()
    if (still.matches) return
    if (film.place === film.dates.length - 1) go(0)
    at("film-play").textContent = "Pause"
    at("film-said").setAttribute("aria-live", "off")
    timer = setTimeout(tick, 1000 / at("film-speed").value)
  }

  const step = by => {
    stop()
    go(film.place + by)
  }

  const choose = () => {
    const chosen = at("film-member")
    for (const each of dialog.querySelectorAll(".member")) {
      each.classList.toggle("chosen", each.dataset.state === chosen.value)
      if (each.dataset.state === chosen.value) each.parentNode.append(each)
    }
    for (const each of dialog.querySelectorAll(".film-whose")) each.textContent = chosen.selectedOptions[0].text
  }

  const rest = () => {
    if (still.matches) {
      stop()
      at("film-on").focus()
    }
    at("film-play").disabled = still.matches
    at("film-still").hidden = !still.matches
  }

  const keys = {
    " ": play, ArrowRight: () => step(1), ArrowLeft: () => step(-1), Home: () => step(-Infinity),
    End: () => step(Infinity),
  }
  dialog.addEventListener("keydown", event => {
    if (event.altKey || event.ctrlKey || event.metaKey || !(event.key in keys)) return
    if (event.target.closest("select") || (event.key === " " && event.target.closest("button"))) return
    event.preventDefault()
    keys[event.key]()
  })

  const presses = {
    "film-play": play, "film-back": () => step(-1), "film-on": () => step(1), "film-close": () => dialog.close(),
  }
  dialog.addEventListener("click", event => presses[event.target.id]?.())
  dialog.addEventListener("input", event => {
    if (event.target.id === "film-place") step(Number(event.target.value) - film.place)
    if (event.target.id === "film-member") choose()
  })
  dialog.addEventListener("close", () => {
    stop()
    dialog.replaceChildren()
  })
  still.addEventListener("change", () => film && dialog.open && rest())

  new MutationObserver(() => {
    const room = at("film-room")
    if (room === null || dialog.open) return
    film = { ...JSON.parse(room.dataset.film), place: 0 }
    dialog.showModal()
    choose()
    rest()
    paint()
  }).observe(dialog, { childList: true })
}
