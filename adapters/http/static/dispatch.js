// Numbers name the candidate, j and k move between the orders that wait. Each button does the same by itself.
(function () {
  "use strict";
  var shown = Date.now(), hand = null;
  function number() {
    var link = document.querySelector(".order h2 a");
    return link && link.textContent;
  }
  hand = number();
  new MutationObserver(function () {
    if (number() !== hand) { hand = number(); shown = Date.now(); }
  }).observe(document.body, { childList: true, subtree: true });
  document.addEventListener("keydown", function (event) {
    // A key that is held down, or pressed right after the order at hand has changed, names nobody.
    if (event.repeat || Date.now() - shown < 700) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    if (/^[1-9]$/.test(event.key)) {
      var button = document.querySelector('button[data-number="' + event.key + '"]');
      if (button) { event.preventDefault(); button.focus(); button.click(); }
      return;
    }
    if (event.key !== "j" && event.key !== "k") return;
    var links = Array.prototype.slice.call(document.querySelectorAll(".orders a"));
    var at = links.findIndex(function (link) { return link.getAttribute("aria-current"); });
    var next = links[at + (event.key === "j" ? 1 : -1)];
    if (next) { event.preventDefault(); location.href = next.href; }
  });
})();
