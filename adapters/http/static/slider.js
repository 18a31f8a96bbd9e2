// Follows a slider over the records of a case; the button beside it does the same without a script.
(function () {
  "use strict";
  if (!window.fetch || !window.DOMParser) return;
  var waiting = null;
  function show(form, seq) {
    var to = form.getAttribute("action") + "?seq=" + encodeURIComponent(seq);
    fetch(to, { credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (text) {
        if (!text) return;
        var fresh = new DOMParser().parseFromString(text, "text/html").getElementById("main");
        var old = document.getElementById("main");
        var kept = document.querySelector("#slider input");
        // Somebody slid on meanwhile: what comes next is for them.
        if (!fresh || !old || !kept || kept.value !== String(seq)) return;
        var open = Array.prototype.map.call(old.querySelectorAll("details[open][id]"), function (one) { return one.id; });
        // The slider itself stays, so that a finger or an arrow key does not lose it.
        Array.prototype.slice.call(old.children).forEach(function (child) {
          if (!child.contains(kept)) child.remove();
        });
        var before = true;
        Array.prototype.slice.call(fresh.children).forEach(function (child) {
          if (child.id === "slider") {
            before = false;
            ["output", "time"].forEach(function (name) {
              var a = document.querySelector("#slider " + name), b = child.querySelector(name);
              if (a && b) a.replaceWith(b);
            });
          } else if (child.tagName !== "SCRIPT") {
            if (before) old.insertBefore(child, document.getElementById("slider"));
            else old.appendChild(child);
          }
        });
        open.forEach(function (id) {
          var one = document.getElementById(id);
          if (one) one.open = true;
        });
        if (window.history && history.replaceState) history.replaceState(null, "", to);
      })
      .catch(function () {});
  }
  document.addEventListener("input", function (event) {
    var form = event.target.closest && event.target.closest("#slider");
    if (!form) return;
    var seq = event.target.value;
    clearTimeout(waiting);
    // Each look at a case is written down, so whoever slides over ten records looks at the one they stop at.
    waiting = setTimeout(function () { show(form, seq); }, 250);
  });
})();
