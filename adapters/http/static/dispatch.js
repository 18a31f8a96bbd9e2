// Numbers name the candidate, j and k move between the orders that wait. Each button does the same by itself.
(function () {
  "use strict";
  document.addEventListener("keydown", function (event) {
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
