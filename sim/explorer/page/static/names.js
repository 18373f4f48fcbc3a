// Names, roles and keys that the widgets' libraries leave out: of tabs, sliders and steppers.
"use strict"
{
  const set = (each, name, value) => each.getAttribute(name) === value || each.setAttribute(name, value)
  const label = root => root.querySelector(".bk-slider-title, label")?.textContent.replace(/:\s*[^:]*$/, "").trim()

  // One tab of a row is reached by Tab, the others by arrows, Home and End. A tab that opens makes the row anew, so that
  // the focus must be given back.
  let keeps = false
  const tabs = headers => {
    set(headers, "role", "tablist")
    set(headers, "aria-label", "Figures and Play")
    for (const tab of headers.querySelectorAll(".bk-tab")) {
      const active = tab.classList.contains("bk-active")
      set(tab, "role", "tab")
      set(tab, "aria-selected", String(active))
      set(tab, "tabindex", active ? "0" : "-1")
      if (active && keeps && document.activeElement === document.body) tab.focus()
    }
  }

  const names = {
    ".bk-headers-wrapper": tabs,
    ".noUi-handle": each => set(each, "aria-label", label(each.getRootNode()) ?? ""),
    ".bk-spin-btn-up": each => set(each, "aria-label", `${label(each.getRootNode())}: one more`),
    ".bk-spin-btn-down": each => set(each, "aria-label", `${label(each.getRootNode())}: one less`),
  }

  const seen = new WeakSet()
  let due = 0
  const later = () => { due ||= setTimeout(walk, 60) }
  const watcher = new MutationObserver(changes => {
    for (const each of changes) if (each.target.matches?.(".bk-headers-wrapper")) tabs(each.target)
    later()
  })
  const walk = () => {
    due = 0
    const roots = [document]
    for (const root of roots) {
      if (!seen.has(root)) {
        seen.add(root)
        watcher.observe(root, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] })
      }
      for (const each of root.querySelectorAll("*")) {
        if (each.shadowRoot) roots.push(each.shadowRoot)
        for (const [css, name] of Object.entries(names)) if (each.matches(css)) name(each)
      }
    }
  }
  walk()

  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity }
  document.addEventListener("keydown", event => {
    const tab = event.composedPath()[0]
    keeps = tab.matches?.(".bk-tab") && event.key !== "Tab"
    if (!tab.matches?.(".bk-tab") || event.altKey || event.ctrlKey || event.metaKey) return
    const all = [...tab.parentNode.querySelectorAll(".bk-tab")], here = all.indexOf(tab)
    if (event.key === "Enter" || event.key === " ") tab.click()
    else if (event.key in steps) {
      const by = steps[event.key]
      const next = all[Number.isFinite(by) ? (here + by + all.length) % all.length : by < 0 ? 0 : all.length - 1]
      next.focus()
      next.click()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }, true)
  document.addEventListener("pointerdown", () => { keeps = false }, true)
}
