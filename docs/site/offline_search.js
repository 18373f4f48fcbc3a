// Searches the whole site in the page itself: pages that are opened from the file system may not start a worker.
document.addEventListener("DOMContentLoaded", () => {
  const input = document.getElementById("mkdocs-search-query");
  const list = document.getElementById("mkdocs-search-results");
  const sections = new Map(searchIndex.docs.map((section) => [section.location, section]));
  let index = null;
  lunr.tokenizer.separator = /[^\p{L}\p{N}]+/u;  // so that a word of a key or a command is found as well

  function build() {
    index ??= lunr(function () {
      this.pipeline.reset();
      this.ref("location");
      this.field("title", { boost: 10 });
      this.field("text");
      searchIndex.docs.forEach((section) => this.add(section));
    });
  }

  function found(words) {
    return index.query((query) => {
      for (const word of words) {
        query.term(word, { presence: lunr.Query.presence.REQUIRED, wildcard: lunr.Query.wildcard.TRAILING });
        query.term(word, { boost: 5 });
      }
    });
  }

  function excerpt(text, word) {
    const start = Math.max(0, text.toLowerCase().indexOf(word) - 60);
    return (start ? "… " : "") + text.slice(start, start + 200) + (start + 200 < text.length ? " …" : "");
  }

  function show(section, word) {
    const link = document.createElement("a");
    link.href = `${base_url}/${section.location}`;
    link.textContent = section.title;
    const page = sections.get(section.location.split("#")[0]);
    const heading = document.createElement("h3");
    heading.append(link, page && page !== section ? ` (${page.title})` : "");
    const text = document.createElement("p");
    text.textContent = excerpt(section.text, word);
    const article = document.createElement("article");
    article.append(heading, text);
    return article;
  }

  input.addEventListener("focus", build);
  input.form.addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(lunr.tokenizer.separator).filter((word) => word.length > 1);
    const results = words.length ? found(words).slice(0, 30) : [];
    list.replaceChildren(...results.map((result) => show(sections.get(result.ref), words[0])));
    if (words.length && !results.length) list.textContent = list.dataset.noResultsText;
  });
});
