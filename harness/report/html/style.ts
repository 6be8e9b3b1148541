// The look of every page: system fonts, light and dark, readable at 360 px and on paper. Colours are custom
// properties; the charts read the same ones. Colour never stands alone for a meaning.

const LIGHT = `
--bg:#f7f7f5;--card:#fff;--text:#1a1f26;--muted:#5a6472;--line:#dfe2e6;--soft:#eff0f1;--link:#0a58a8;
--valid:#17713a;--invalid:#b91c2b;--unknown:#8a5a00;--valid-soft:#e3f2e8;--invalid-soft:#fce9ea;--unknown-soft:#fbf0d9;
--c-grey:#7d8794;--c-blue:#1668b8;--c-violet:#7a4fc4;--c-green:#16894a;--c-red:#cc2936;--c-orange:#c46a00;--c-teal:#0b7f86;
--fault:rgba(214,140,20,.16);--fault-edge:#b37410;--grid:#e9ebee;`;

const DARK = `
--bg:#101317;--card:#171b21;--text:#e5e8ec;--muted:#97a1ae;--line:#2a313a;--soft:#1f252c;--link:#79b8ff;
--valid:#4cc274;--invalid:#ff7078;--unknown:#e0ac3a;--valid-soft:#14291c;--invalid-soft:#32181c;--unknown-soft:#2e2512;
--c-grey:#8d97a4;--c-blue:#5aa9f2;--c-violet:#b08cf0;--c-green:#43bf75;--c-red:#ff6d76;--c-orange:#f0a04b;--c-teal:#45c3c9;
--fault:rgba(232,164,56,.15);--fault-edge:#d9a046;--grid:#252b33;`;

const BASE = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
main,.top,footer{max-width:1120px;margin:0 auto;padding:0 24px}
h1,h2,h3,p,dl,dd,ul,ol,figure{margin:0}
ul,ol{padding:0;list-style:none}
h2{font-size:1.25rem;line-height:1.3;letter-spacing:-.01em;margin:0 0 14px}
h3{font-size:1.02rem;line-height:1.35}
section{margin-top:44px}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em}
a{color:var(--link)}
.muted{color:var(--muted)}
.bad{color:var(--invalid)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:3px}
button{font:inherit;color:inherit}
button.quiet{border:1px solid var(--line);background:var(--card);border-radius:6px;font-size:.8rem;padding:2px 10px;cursor:pointer}
button.quiet:hover{border-color:var(--muted)}
.top{display:flex;justify-content:space-between;align-items:center;padding-top:18px;padding-bottom:18px}
.wordmark{font-weight:700;letter-spacing:-.02em;font-size:1.05rem}
footer{color:var(--muted);font-size:.85rem;padding-top:48px;padding-bottom:32px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:500;color:var(--muted)}
tbody th,tfoot th{color:var(--text)}
.numbers td,.numbers th:not(:first-child){text-align:right;font-variant-numeric:tabular-nums;padding:6px 0 6px 14px}
tfoot th,tfoot td{font-weight:650;border-bottom:0}
`;

const HERO = `
.hero{display:grid;grid-template-columns:auto 1fr;gap:8px 32px;align-items:center;background:var(--card);border:1px solid var(--line);border-top:5px solid var(--tone);border-radius:10px;padding:26px 28px}
.verdict-valid{--tone:var(--valid);--tone-soft:var(--valid-soft)}
.verdict-invalid{--tone:var(--invalid);--tone-soft:var(--invalid-soft)}
.verdict-unknown{--tone:var(--unknown);--tone-soft:var(--unknown-soft)}
.verdict{display:flex;align-items:center;gap:14px;color:var(--tone);font-weight:750;font-size:clamp(2.1rem,5vw,3.1rem);line-height:1;letter-spacing:-.03em}
.mark{display:inline-grid;place-items:center;flex:none;width:1.32em;height:1.32em;border-radius:50%;font-weight:700;line-height:1;font-family:system-ui,"Segoe UI Symbol","DejaVu Sans",sans-serif}
.mark-valid{background:var(--valid-soft);color:var(--valid)}.mark-invalid{background:var(--invalid-soft);color:var(--invalid)}.mark-unknown{background:var(--unknown-soft);color:var(--unknown)}
.verdict .mark{font-size:.72em}
.hero-text{border-left:1px solid var(--line);padding-left:32px}
.hero h1{font-size:1.3rem;line-height:1.3;letter-spacing:-.01em}
.hero-sentence{margin-top:4px;font-size:1.02rem}
.hero-names{margin-top:8px;font-size:.9rem}
.tiles{display:grid;grid-template-columns:repeat(6,1fr);gap:1px;background:var(--line);border:1px solid var(--line);border-radius:10px;overflow:hidden;margin-top:14px}
.tiles div{background:var(--card);padding:12px 16px;display:flex;flex-direction:column-reverse}
.tiles dt{color:var(--muted);font-size:.8rem}
.tiles dd{font-size:1.35rem;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.tiles .bad dd{color:var(--invalid)}
.reasons{background:var(--unknown-soft);border-left:4px solid var(--unknown);border-radius:6px;padding:16px 20px;margin-top:20px}
.reasons h2{font-size:1rem;margin-bottom:6px}
.reasons li{padding-left:16px;position:relative}
.reasons li::before{content:"–";position:absolute;left:0;color:var(--unknown)}
`;

const FINDINGS = `
.findings{display:grid;gap:16px}
.finding{--tone:var(--c-blue);background:var(--card);border:1px solid var(--line);border-left:5px solid var(--tone);border-radius:8px;padding:18px 22px;scroll-margin-top:16px}
.severity-critical{--tone:var(--invalid)}.severity-major{--tone:var(--unknown)}
.finding-kind{display:flex;flex-wrap:wrap;align-items:center;gap:4px 10px;font-size:.82rem;color:var(--muted)}
.flag{display:inline-grid;place-items:center;min-width:20px;height:20px;padding:0 5px;border-radius:10px;background:var(--tone);color:var(--card);font-weight:700;font-size:.75rem}
.severity{color:var(--tone);font-weight:650}
.finding h3{font-size:1.12rem;margin:6px 0 2px;letter-spacing:-.005em}
.finding-where{font-size:.92rem;color:var(--muted)}
.finding-where b{color:var(--text);font-weight:600}
.finding-where button{margin-left:6px}
.figures{display:flex;flex-wrap:wrap;gap:10px 40px;margin:14px 0 4px}
.figures div{display:flex;flex-direction:column-reverse}
.figures dt{font-size:.8rem;color:var(--muted)}
.figures dd{font-size:1.3rem;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.more-figures{display:flex;flex-wrap:wrap;gap:2px 22px;font-size:.85rem;font-variant-numeric:tabular-nums;margin-top:6px}
.more-figures span{color:var(--muted)}
.remedy{background:var(--soft);border-radius:6px;padding:10px 14px;margin-top:12px;font-size:.95rem}
.remedy code{font-weight:650}
.paste{border-radius:6px;margin-top:6px;font-size:.85rem}
.evidence{display:flex;flex-wrap:wrap;gap:6px 8px;margin-top:12px;font-size:.82rem;align-items:flex-start}
.event{border:1px solid var(--line);border-radius:6px;max-width:100%}
.event[open]{flex-basis:100%}
.event summary{padding:2px 10px;cursor:pointer;color:var(--link)}
.event-missing{color:var(--muted);padding:3px 0}
.more-findings{margin-top:16px}
.more-findings summary{cursor:pointer;color:var(--link)}
.more-findings ol{list-style:decimal;padding-left:3.2em;margin-top:8px;font-size:.9rem}
.more-findings li{padding:6px 0;border-top:1px solid var(--line)}
pre{margin:0;padding:12px 14px;overflow:auto;max-height:26rem;white-space:pre-wrap;overflow-wrap:anywhere;background:var(--soft);line-height:1.45;border-radius:0 0 6px 6px}
`;

const CHARTS = `
.contents{display:flex;flex-wrap:wrap;gap:4px 18px;margin-top:14px;font-size:.88rem}
.contents a{padding:4px 0}
.charts{display:grid;gap:14px}
.chart{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:16px 18px 10px}
.chart figcaption p{color:var(--muted);font-size:.86rem;margin-bottom:6px}
.plot{min-height:180px;overflow:hidden}
.chart-key{display:flex;flex-wrap:wrap;gap:4px 20px;align-items:center;font-size:.86rem;margin-bottom:2px}
.chart-key>span{display:inline-flex;align-items:center;gap:7px}
.chart-hint{font-size:.86rem;margin-bottom:12px}
.key{display:inline-block;width:16px;height:12px;border-radius:2px}
.key-fault{background:var(--fault);border-left:2px solid var(--fault-edge)}
.key-finding{background:var(--invalid);border-radius:6px;width:12px}
.key-load{width:0;height:14px;border-radius:0;border-left:2px dashed var(--muted)}
.uplot{font-family:inherit;width:100%}
.uplot .u-legend{text-align:left;margin:2px 0 0;font-size:.8rem;font-variant-numeric:tabular-nums}
.uplot .u-legend th{color:var(--text);font-weight:500;padding:2px 4px;border:0}
.uplot .u-legend td{border:0;padding:2px 4px;min-width:3.5em}
.uplot .u-legend tr{margin-right:12px}
.uplot .u-legend .u-marker{border-radius:3px;width:12px;height:12px}
.uplot .u-select{background:var(--fault)}
.figures-table{font-size:.8rem}.figures-table summary{color:var(--muted);cursor:pointer}
.figures-table .scroll{max-height:20rem;overflow:auto}
.figures-table table{font-size:.8rem}.figures-table td,.figures-table th{text-align:right;font-variant-numeric:tabular-nums;padding:2px 0 2px 14px}
`;

const LEDGER = `
.ledger{display:grid;grid-template-columns:minmax(0,560fr) minmax(0,460fr);gap:32px;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:22px}
.ledger-picture{display:block;max-width:100%;height:auto;font-size:12px}
.ledger-figure figcaption{color:var(--muted);font-size:.86rem;margin-top:8px}
.only-narrow{display:none}
.flow-alive{fill:var(--c-green);fill-opacity:.78}
.flow-lost{fill:var(--c-red)}.flow-rejected{fill:var(--c-violet)}.flow-never-written{fill:var(--c-grey)}
.ledger-picture text{fill:var(--text)}
.ledger-picture .flow-strong{font-weight:650;font-size:13.5px}
.ledger-picture .flow-hop,.ledger-picture .flow-reason{fill:var(--muted)}
.beside-title{color:var(--muted);font-size:.86rem;margin-top:18px}
.beside b{font-variant-numeric:tabular-nums}
.beside{font-size:.9rem}
.block{margin-top:10px;background:var(--card);border:1px solid var(--line);border-radius:8px}
.block>summary{padding:9px 16px;cursor:pointer;font-weight:500}
.block>.scroll{padding:0 16px 12px}.block>p{padding:0 16px 12px}
.block code{white-space:nowrap}
.checks,.faults{display:grid;gap:12px}
.check,.faults li{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 18px}
.check h3{display:flex;align-items:center;gap:8px}.check h3 .muted{font-weight:400}.check .mark{font-size:.8em}
.environment{width:auto}.environment th{color:var(--muted);padding-right:24px;white-space:nowrap}.environment td{overflow-wrap:anywhere}
.command{display:flex;gap:12px;align-items:center;justify-content:space-between;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 16px;margin-top:10px}
.command code{overflow-wrap:anywhere}
.command button{border:1px solid var(--line);background:var(--soft);border-radius:6px;padding:4px 14px;cursor:pointer;font-size:.85rem}
.runs{display:grid;gap:12px}
.run{background:var(--card);border:1px solid var(--line);border-left:5px solid var(--tone);border-radius:8px;padding:16px 20px}
.run h3{display:flex;flex-wrap:wrap;align-items:center;gap:2px 9px}.run h3 .muted{font-weight:400;font-size:.92rem}.run .mark{font-size:.8em}
.run-findings,.run-outcome{margin:6px 0 0;font-size:.95rem}
.run-findings li{padding-left:16px;position:relative}.run-findings li::before{content:"–";position:absolute;left:0;color:var(--tone)}
.run-figures{display:flex;flex-wrap:wrap;gap:4px 26px;margin-top:10px;font-size:.85rem}
.run-figures div{display:flex;gap:6px}.run-figures dt{color:var(--muted)}.run-figures dd{font-variant-numeric:tabular-nums;font-weight:550}
`;

const NARROW = `
@media (max-width:860px){.ledger{grid-template-columns:minmax(0,1fr)}.tiles{grid-template-columns:repeat(3,1fr)}}
@media (max-width:640px){
main,.top,footer{padding-left:14px;padding-right:14px}
section{margin-top:32px}
.hero{grid-template-columns:1fr;padding:20px 18px;gap:14px}.hero-text{border-left:0;padding-left:0}
.tiles{grid-template-columns:repeat(2,1fr)}.tiles div{padding:10px 14px}
.finding{padding:14px 15px}.figures{gap:10px 26px}.chart{padding:14px 10px 8px}.chart figcaption{padding:0 4px}
.ledger{padding:14px 12px}.only-wide{display:none}.only-narrow{display:block}
}
@media print{
:root:not(#on-screen){color-scheme:light;${LIGHT}}body{background:#fff;font-size:11pt}button,.chart-hint,.figures-table,#whole{display:none!important}
.finding,.chart,.hero,.tiles,.ledger,.check{break-inside:avoid}section{margin-top:20pt}pre{max-height:none}
}
`;

/** The style sheet of all pages. `data-theme` on the root overrides what the system prefers. */
export const PAGE_STYLE = [
  `:root{color-scheme:light;${LIGHT}}`,
  `@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${DARK}}}`,
  `:root[data-theme=dark]{color-scheme:dark;${DARK}}`,
  BASE,
  HERO,
  FINDINGS,
  CHARTS,
  LEDGER,
  NARROW,
].join('');
