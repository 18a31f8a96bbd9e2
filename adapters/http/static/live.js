// Looks again when something happened. A page on which somebody has begun to write is left alone.
(function () {
  "use strict";
  if (!window.EventSource || !window.fetch || !window.DOMParser) return;
  var waiting = null, written = false;
  // What somebody has begun to write or choose is never taken away from under their hands.
  document.addEventListener("input", function () { written = true; });
  function busy() {
    if (written) return true;
    var at = document.activeElement;
    return at && /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName);
  }
  function look() {
    waiting = null;
    if (busy() || document.querySelector("details[open]")) return;
    fetch(location.href, { credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (text) {
        if (!text || busy()) return;
        var page = new DOMParser().parseFromString(text, "text/html");
        ["main", "clock"].forEach(function (id) {
          var fresh = page.getElementById(id), old = document.getElementById(id);
          if (fresh && old) old.replaceWith(fresh);
        });
      })
      .catch(function () {});
  }
  function soon() { if (!waiting) waiting = setTimeout(look, 400); }
  // A receipt, and a form that came back, stay as they are.
  if (document.querySelector(".receipt, .refusal")) return;
  new EventSource("/live").onmessage = soon;
  // What happens is told at once; beside that the clock is looked at, more often where it runs fast. Each look at a case
  // is written down, so not more often than that.
  setInterval(soon, Number(document.body.dataset.speed) > 1 ? 5000 : 60000);
})();
