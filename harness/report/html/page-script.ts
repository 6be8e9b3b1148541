// The script of every page, run in the browser: the theme button and the copy button. Text, because the harness is
// compiled without the types of a browser; the tests compile it and run its logic.

/** Theme: `auto` follows the system, the choice is kept where the browser allows it; `#theme=dark` sets it for one view. */
export const PAGE_SCRIPT = `
(function () {
  'use strict';
  var root = document.documentElement;
  var button = document.getElementById('theme');
  var themes = ['auto', 'light', 'dark'];
  var fromHash = /(?:^#|&)theme=(auto|light|dark)/.exec(location.hash);
  var theme = fromHash ? fromHash[1] : recall();
  function recall() {
    try { return localStorage.getItem('larsen-theme') || 'auto'; } catch (error) { return 'auto'; }
  }
  function apply() {
    if (themes.indexOf(theme) === -1) theme = 'auto';
    if (theme === 'auto') root.removeAttribute('data-theme'); else root.setAttribute('data-theme', theme);
    button.textContent = 'Theme: ' + theme;
    document.dispatchEvent(new Event('theme'));
  }
  button.hidden = false;
  button.addEventListener('click', function () {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    try { localStorage.setItem('larsen-theme', theme); } catch (error) { /* kept for this view only */ }
    apply();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', apply);
  apply();

  var copy = document.getElementById('copy');
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener('click', function () {
      navigator.clipboard.writeText(document.getElementById('command').textContent).then(
        function () { copy.textContent = 'Copied'; },
        function () { copy.textContent = 'Select it by hand'; });
    });
  }
})();
`;
