// What the page of a comparison adds to the style of all pages.

/** Style sheet, used together with PAGE_STYLE. */
export const COMPARE_STYLE = `
.compare-hero{grid-template-columns:1fr}.compare-hero .hero-text{border-left:0;padding-left:0}
.agent-name{overflow-wrap:anywhere}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:6px 16px}
.scroll{overflow-x:auto}
.winners{width:100%}.winners th{width:5rem;vertical-align:top;text-align:left;padding:10px 12px 10px 0}.winners td{padding:10px 0 10px 8px;vertical-align:top}
.winners ul{margin:0;padding:0;list-style:none}.winners li+li{margin-top:4px}
.cells{width:100%}.cells th,.cells td{text-align:left;padding:8px 16px 8px 0;vertical-align:top}
.measures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,520px),1fr));gap:14px;margin-top:14px}
.measure{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 18px}
.measure h3 .muted{font-weight:400;font-size:.86rem}
.strips{margin:8px 0;display:grid;gap:6px}
.strip-row{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 12px;font-size:.88rem}
.strip-row dt{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.strip-row dd{margin:0;font-variant-numeric:tabular-nums}
.strip-row .strip{grid-column:1/-1}
.strip-winner dt,.strip-winner dd{font-weight:700;color:var(--valid)}
.measure p{font-size:.88rem;margin:2px 0}.measure-meaning{font-size:.8rem}
.strip{width:100%;height:auto;display:block}
.strip-axis{stroke:var(--grid);stroke-width:1}
.strip-interval{stroke:var(--muted);stroke-width:5;stroke-opacity:.35}
.strip-dot{fill:var(--c-blue);fill-opacity:.65}
.strip-median{stroke:var(--text);stroke-width:2.5}
.strip-winner .strip-dot{fill:var(--c-green)}
.diff-added{color:var(--valid)}.diff-removed{color:var(--invalid)}
`;
