// Follows the slider of the story; the button beside it does the same without a script.
(function () {
  "use strict";
  if (!window.fetch || !window.DOMParser) return;
  var waiting = null;
  function show(seq) {
    fetch("/story?seq=" + encodeURIComponent(seq), { credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (text) {
        if (!text) return;
        var fresh = new DOMParser().parseFromString(text, "text/html").getElementById("main");
        var old = document.getElementById("main");
        var kept = document.querySelector("#slider input");
        if (!fresh || !old || !kept) return;
        // The slider itself stays, so that a finger or an arrow key does not lose it.
        Array.prototype.slice.call(old.children).forEach(function (child) {
          if (!child.contains(kept)) child.remove();
        });
        Array.prototype.slice.call(fresh.children).forEach(function (child) {
          if (child.id === "slider") {
            ["output", "time"].forEach(function (name) {
              var a = document.querySelector("#slider " + name), b = child.querySelector(name);
              if (a && b) a.replaceWith(b);
            });
          } else if (child.tagName !== "SCRIPT") old.appendChild(child);
        });
      })
      .catch(function () {});
  }
  document.addEventListener("input", function (event) {
    if (!event.target.closest || !event.target.closest("#slider")) return;
    var seq = event.target.value;
    clearTimeout(waiting);
    waiting = setTimeout(function () { show(seq); }, 80);
  });
})();
