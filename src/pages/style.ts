// The look of pages: system fonts, one accent, dark and light, on screens from 360 pixels and on paper.

/** The style of every page. */
export const style = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--line:#d7dce1;--paper:#fff;--raised:#f5f7f9;--accent:#0b5cad;
--good:#17683a;--warn:#7d4e00;--bad:#b3261e;--fill:#4a86c5;--light:#c9dbee;--unknown:#cfd5db}
@media (prefers-color-scheme:dark){:root{--ink:#e4e8ec;--soft:#9ba6b1;--line:#343c45;--paper:#14181c;--raised:#1d2329;
--accent:#7ab8f5;--good:#6fcf97;--warn:#e3b341;--bad:#ff8a80;--fill:#5b9bdc;--light:#2c4560;--unknown:#3d4650}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:76rem;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:.25rem 0 1rem}
h2{font-size:1.125rem;margin:2rem 0 .5rem}
h3{font-size:1rem;margin:1.25rem 0 .25rem}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
code,pre,kbd,.id{font-family:ui-monospace,monospace;font-size:.875em}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.5rem}
.soft{color:var(--soft)}
.good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}
.good,.warn,.bad{font-weight:600}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line)}
th{font-weight:600;white-space:nowrap}
thead th:last-child{text-align:right}
th[scope=row]{white-space:normal;font-weight:400;min-width:9rem}
.rows td:nth-child(2){min-width:8rem}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
th button{all:unset;cursor:pointer;font-weight:600}
th button:focus-visible{outline:3px solid var(--accent)}
th[aria-sort=ascending] button::after{content:" \\2191"}
th[aria-sort=descending] button::after{content:" \\2193"}
dl{display:grid;grid-template-columns:fit-content(45%) 1fr;gap:.15rem 1rem;margin:.5rem 0}
dt{color:var(--soft)}
dd{margin:0}
ul{padding-left:1.25rem;margin:.5rem 0}
li{margin:.35rem 0}
.counts{display:flex;flex-wrap:wrap;gap:.5rem 2rem;padding:0;list-style:none}
.counts b{display:block;font-size:1.75rem;line-height:1.2;font-variant-numeric:tabular-nums}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(16rem,1fr));gap:0 2.5rem}
.field{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:baseline;margin:1rem 0 .5rem}
input[type=search]{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--soft);border-radius:.375rem;
padding:.4rem .6rem;width:min(100%,24rem)}
button.act{font:inherit;font-size:.875rem;color:var(--accent);background:none;border:1px solid var(--line);
border-radius:.375rem;padding:.2rem .6rem;cursor:pointer}
pre{background:var(--raised);padding:.6rem .75rem;border-radius:.375rem;overflow-x:auto;white-space:pre-wrap;margin:.35rem 0}
figure{margin:.75rem 0}
.date{white-space:nowrap}
body:has(.rows){max-width:100rem}
@media (min-width:90rem){.rows .id{min-width:20.5rem}}
.copied{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:center}
.copied pre{flex:1 1 20rem;min-width:0}
nav{margin-bottom:.5rem}
svg{display:block;width:100%;height:3rem}
svg rect{height:100%}
svg text{text-anchor:middle;font-size:.875rem;font-weight:600;fill:var(--ink);paint-order:stroke;stroke:var(--paper);stroke-width:3px}
svg .edge{fill:none;stroke:var(--soft)}
svg .used{fill:var(--fill)}svg .room{fill:var(--light)}svg .what{fill:var(--unknown)}
svg .free{fill:var(--paper);stroke:var(--line);stroke-dasharray:4 3}
section.image{border-top:1px solid var(--line);margin-top:1.5rem;content-visibility:auto;contain-intrinsic-size:auto 24rem}
[hidden]{display:none!important}
@media (max-width:44rem){
.rows thead{position:absolute;left:-99rem}
.rows tr{display:block;padding:.6rem 0;border-bottom:1px solid var(--line)}
.rows td,.rows th[scope=row]{display:block;border:0;padding:.05rem 0;text-align:left}
.rows td[data-label]::before{content:attr(data-label) ": ";color:var(--soft)}
.rows td:empty{display:none}
}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
@media print{body{max-width:none;padding:0;font-size:10pt}.field,.skip,button{display:none}section.image{break-inside:avoid;content-visibility:visible}}
`;
