/** The page's style sheet and script. The script only shows what the page holds. */

/** Colours of the sources, dark enough for white text and for borders on white (WCAG AA). */
export const sourceColours = {
  recipe: "#0b6b4f",
  telemetry: "#1d5fb8",
  "host-trace": "#5b3fb5",
  metadata: "#46566b",
  dockerfile: "#0d5c75",
  lockfile: "#7a5a00",
  history: "#9c4300",
  skeleton: "#5a5a5a",
  declared: "#a3135f",
} as const;

const colours = Object.entries(sourceColours).map(([source, colour]) => `.from-${source}{--from:${colour}}`);

export const style = `
:root{color-scheme:light;--ink:#17202a;--soft:#51606f;--line:#c3ccd6;--page:#f6f8fa;--bad:#b3261e}
*{box-sizing:border-box}
body{margin:0;padding:16px 20px 45vh;background:var(--page);color:var(--ink);font:14px/1.45 system-ui,sans-serif}
h1{font-size:20px;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:14px;margin:0}
p,ul{margin:4px 0}
.gaps{border-left:4px solid var(--bad);padding:4px 12px;background:#fff;max-width:1190px}
.gaps li,.notes li{overflow-wrap:anywhere}
.legend{display:flex;flex-wrap:wrap;gap:6px 14px;padding:0;list-style:none}
.legend span{display:inline-block;width:12px;height:12px;background:var(--from);margin-right:5px;vertical-align:-1px}
.tools{position:sticky;top:0;z-index:2;margin:8px 0;padding:6px 0;background:var(--page)}
input{font:inherit;padding:4px 8px;width:280px;border:1px solid var(--soft);border-radius:4px}
.scroll{overflow-x:auto;padding:4px}
.heads{display:flex;position:relative;height:24px}
.heads h2{position:absolute}
.canvas{position:relative}
svg{position:absolute;inset:0;pointer-events:none;overflow:visible}
path{fill:none;stroke:var(--line);stroke-width:1.5}
path.on{stroke:var(--ink);stroke-width:2.5}
.node{position:absolute;display:block;text-align:left;font:inherit;color:inherit;background:#fff;padding:3px 8px;cursor:pointer;
border:1px solid var(--line);border-left:6px solid var(--from);border-radius:4px;overflow:hidden}
.node:hover,.node[aria-pressed=true]{border-color:var(--from);background:#eef4fb}
.node:focus-visible{outline:3px solid #1d5fb8;outline-offset:1px}
.node.problem{border-top-style:dashed;border-right-style:dashed;border-bottom-style:dashed;border-color:var(--bad);border-left-color:var(--from)}
.node.dim{opacity:.25}
.title,.meta{display:block;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.exec .title{font-family:ui-monospace,monospace;font-size:13px}
.meta{color:var(--soft);font-size:12px}
.meta b{color:var(--bad)}
.bar{position:absolute;left:0;bottom:0;height:3px;background:var(--from)}
#facts{z-index:3;position:fixed;left:0;right:0;bottom:0;max-height:42vh;overflow:auto;background:#fff;border-top:2px solid var(--soft);padding:10px 20px}
#facts[hidden]{display:none}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:2px 14px;margin:6px 0}
dt{color:var(--soft)}
dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font-family:ui-monospace,monospace;font-size:13px}
#close{float:right;font:inherit}
@media(prefers-reduced-motion:no-preference){.node{transition:opacity .1s}}
${colours.join("\n")}
`;

export const script = `
const facts=JSON.parse(document.getElementById("data").textContent);
const panel=document.getElementById("facts"),list=panel.querySelector("dl"),head=panel.querySelector("h2");
const nodes=[...document.querySelectorAll(".node")],paths=[...document.querySelectorAll("path")];
let open=null;
function mark(id){for(const p of paths)p.classList.toggle("on",p.dataset.from===id||p.dataset.to===id)}
function show(node){
 for(const n of nodes)n.setAttribute("aria-pressed",n===node);
 open=node;panel.hidden=!node;mark(node&&node.id);
 if(!node)return;
 head.textContent=node.querySelector(".title").textContent;
 list.replaceChildren(...facts[node.id].flatMap(([name,value])=>{
  const t=document.createElement("dt"),d=document.createElement("dd");t.textContent=name;d.textContent=value;return[t,d]}));
 panel.scrollTop=0;
}
function close(){const node=open;show(null);if(node)node.focus()}
document.getElementById("close").addEventListener("click",close);
document.addEventListener("click",e=>{const n=e.target.closest(".node");if(n)show(n===open?null:n)});
document.addEventListener("mouseover",e=>{const n=e.target.closest(".node");if(n)mark(n.id);else if(open)mark(open.id)});
document.addEventListener("focusin",e=>{if(e.target.classList.contains("node"))mark(e.target.id)});
document.addEventListener("keydown",e=>{
 if(e.key==="Escape"&&open){close();return}
 const n=document.activeElement;if(!n.classList.contains("node"))return;
 const column=nodes.filter(o=>o.id[0]===n.id[0]),at=column.indexOf(n);
 const edge=(own,other)=>{const p=paths.find(p=>p.dataset[own]===n.id&&p.dataset[other][0]!==n.id[0]);return p&&document.getElementById(p.dataset[other])};
 const next={ArrowDown:()=>column[at+1],ArrowUp:()=>column[at-1],Home:()=>column[0],End:()=>column.at(-1),
  ArrowLeft:()=>edge("to","from"),ArrowRight:()=>edge("from","to")}[e.key];
 const target=next&&next();
 if(next)e.preventDefault();
 if(target){target.focus();if(open)show(target)}
});
document.getElementById("filter").addEventListener("input",e=>{
 const word=e.target.value.toLowerCase();let first=null,count=0;
 for(const n of nodes){
  const hit=!word||(n.textContent+" "+facts[n.id].map(f=>f[1]).join(" ")).toLowerCase().includes(word);
  n.classList.toggle("dim",!hit);if(hit){count++;first=first||n}}
 document.getElementById("hits").textContent=word?count+" of "+nodes.length:"";
 if(word&&first)first.scrollIntoView({block:"center"});
});
`;
