/** The report's style sheet: no fonts, images or scripts from anywhere; light and dark, on paper too. */
export const reportStyle = `
:root { --text: #1a1d21; --dim: #5a626c; --page: #f6f7f8; --card: #fff; --line: #d9dde2; --good: #0b6b34; --good-page: #e3f4e9; --bad: #a31621; --bad-page: #fbe6e7; --open: #7a5200; --open-page: #fdf3dc; }
@media (prefers-color-scheme: dark) { :root { --text: #e8eaed; --dim: #a4abb5; --page: #15181c; --card: #1e2227; --line: #373d45; --good: #6fd598; --good-page: #12331f; --bad: #ff949b; --bad-page: #421519; --open: #f0c36a; --open-page: #3a2b0c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
header { border-radius: .6rem; padding: 1.4rem 1.6rem; border-left: .6rem solid; margin-bottom: 2rem; }
header.good { background: var(--good-page); border-color: var(--good); }
header.bad { background: var(--bad-page); border-color: var(--bad); }
header h1 { margin: 0; font-size: 1.7rem; overflow-wrap: anywhere; }
header.open { background: var(--open-page); border-color: var(--open); color: var(--text); }
header.open h1 { color: var(--open); } header.good h1 { color: var(--good); } header.bad h1 { color: var(--bad); }
header p { margin: .4rem 0 0; font-size: 1.1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; margin: 0; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
section, details { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
section { padding: 1rem 1.2rem; margin-bottom: 1rem; }
h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
.bundle { margin-bottom: 1rem; } .bundle > summary { padding: .9rem; } .bundle > div { color: var(--text); } .bundle > div > dl { margin: 0 0 .8rem; }
details { margin: .35rem 0; }
summary { padding: .55rem .9rem; cursor: pointer; display: flex; gap: .8rem; align-items: baseline; list-style: none; }
summary::-webkit-details-marker { display: none; } summary:focus-visible { outline: 2px solid var(--dim); outline-offset: 2px; border-radius: .5rem; }
summary .what { font-weight: 600; min-width: 10.5rem; } summary .message { overflow-wrap: anywhere; }
summary::after { content: "+"; margin-left: auto; color: var(--dim); } details[open] summary::after { content: "\\2212"; }
details > div { padding: 0 .9rem .8rem; color: var(--dim); } details > div p { margin: .2rem 0 .6rem; }
.mark { font-size: .8rem; font-weight: 700; border-radius: 1rem; padding: .05rem .6rem; white-space: nowrap; flex: none; min-width: 6.6rem; text-align: center; }
.passed { color: var(--good); background: var(--good-page); }
.failed { color: var(--bad); background: var(--bad-page); }
.open { color: var(--open); background: var(--open-page); }
footer { color: var(--dim); margin-top: 2.5rem; font-size: .9rem; }
@media (max-width: 40rem) { header h1 { font-size: 1.3rem; } summary { display: grid; grid-template-columns: max-content 1fr max-content; row-gap: .25rem; } summary .what { min-width: 0; } summary .message { grid-column: 1 / -1; grid-row: 2; } dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
@media print { body { background: #fff; } details > div { display: block; } }
`;
