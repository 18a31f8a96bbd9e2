// Looks for new wishes every two minutes on a big screen, without starting the scrolling over when nothing is new.
(function () {
  "use strict";
  if (!window.fetch || !window.DOMParser) return;
  setInterval(function () {
    fetch(location.href, { credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (text) {
        if (!text) return;
        var fresh = new DOMParser().parseFromString(text, "text/html").getElementById("main");
        var old = document.getElementById("main");
        if (fresh && old && fresh.innerHTML !== old.innerHTML) old.replaceWith(fresh);
      })
      .catch(function () {});
  }, 120000);
})();
