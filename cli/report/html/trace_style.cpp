#include "cli/report/html/trace_style.h"

namespace assay::report {

const char* const kTraceStyle = R"css(
body{max-width:1480px;padding-top:28px}
h1{margin-bottom:6px}header pre{margin:10px 0 0}
.trace{display:grid;grid-template-columns:212px minmax(0,1fr);gap:36px;margin-top:24px;align-items:start}
nav{position:sticky;top:16px;max-height:calc(100vh - 32px);overflow-y:auto;font-size:13.5px}
nav h2{font-size:12.5px;color:var(--soft);margin:14px 0 4px;letter-spacing:.01em;overflow-wrap:anywhere}nav h2:first-child{margin-top:0}
nav ol{list-style:none;margin:0;padding:0}
nav a{display:flex;gap:9px;padding:5px 9px;border-radius:6px;color:inherit;text-decoration:none;line-height:1.35}
nav a:hover{background:var(--panel)}nav a[aria-current]{background:var(--band);color:var(--best);font-weight:600}
nav a i{font-style:normal;color:var(--faint);min-width:1.3em;text-align:right}nav a span{min-width:0;overflow-wrap:anywhere}
article{border-top:1px solid var(--line);padding:22px 0 34px;scroll-margin-top:10px}article:first-of-type{border:0;padding-top:0}
article h2 i{font-style:normal;color:var(--faint);font-weight:400;margin-right:10px}
.cols{display:grid;grid-template-columns:minmax(0,1fr) 340px;gap:32px;margin-top:14px;align-items:start}
.frame{display:block;background:var(--panel);border-radius:8px;overflow:auto;max-height:76vh;text-align:center;line-height:0;cursor:zoom-in}
.frame img{max-width:100%;max-height:76vh;height:auto;width:auto;image-rendering:auto}
.frame.small img{image-rendering:pixelated;width:min(100%,640px);max-height:none}
.frame.zoomed{cursor:zoom-out}.frame.zoomed img{max-width:none;max-height:none;image-rendering:pixelated}
aside{font-size:14px;min-width:0}aside h3{font-size:12.5px;color:var(--soft);margin:20px 0 6px;font-weight:600}
aside>:first-child{margin-top:0}
.why{border-left:3px solid var(--best);padding:2px 0 2px 13px;margin:0 0 16px}
table.values{width:100%;table-layout:fixed}.values td:first-child{width:60%}.values td{padding:6px 14px 6px 0;vertical-align:top}.values b{overflow-wrap:anywhere;font-weight:600}.values small{display:block;font-size:12.5px;line-height:1.35}.values td.v{text-align:right;padding-right:0;overflow-wrap:anywhere}.values td.scalar{white-space:nowrap;overflow-wrap:normal}
pre.source{padding:9px 12px;margin:0;font-size:11.8px;line-height:1.5;max-height:46vh;overflow:auto;tab-size:2}
pre.source i{font-style:normal;color:var(--faint);display:inline-block;min-width:2.6em;text-align:right;margin-right:1.1em;user-select:none}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(270px,100%),1fr));gap:18px 26px}
.cursor{stroke:var(--warn);stroke-width:1.4;display:none}.live .cursor{display:block}
.closeups{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:16px}
.closeups svg{width:100%;height:auto;aspect-ratio:1;background:var(--panel);border-radius:6px;overflow:hidden}.closeups image{image-rendering:pixelated}
.closeups figcaption{margin-top:4px;font-size:12.5px}
.neighbour{fill:#fff;stroke:#ff5a3c;stroke-width:1.5;vector-effect:non-scaling-stroke}.ring{fill:none;stroke:#ff5a3c;stroke-width:2;vector-effect:non-scaling-stroke}.way{fill:none;stroke:#ff5a3c;stroke-width:2;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.rows{margin-top:18px;max-height:60vh;overflow:auto}
.rows table{font-size:13px}.rows th{position:sticky;top:0;background:var(--paper)}.rows svg{width:84px;height:24px;max-width:none}.rows td a{color:inherit;text-decoration:none}.rows td{padding:4px 14px 4px 0}.rows .why-cell{color:var(--soft);min-width:16em}
.rows tr.now td{background:var(--band)}.live .rows tbody tr{cursor:pointer}
.player{position:sticky;top:0;z-index:2;display:none;gap:12px;align-items:center;padding:10px 0 12px;background:var(--paper);border-bottom:1px solid var(--line);margin-bottom:20px}
.live .player{display:flex}.player input{flex:1;min-width:60px;accent-color:var(--best)}
.player button{font:inherit;padding:5px 14px;border-radius:7px;border:1px solid var(--line);background:var(--panel);color:var(--ink);cursor:pointer}
.player button:disabled{opacity:.4;cursor:default}.player output{min-width:5.6em;text-align:right;color:var(--soft);font-size:13.5px}
.live article{border:0;padding-top:0;scroll-margin-top:84px}.live article[hidden]{display:none}
footer{margin-top:40px}section h2{font-size:17px}
.hint{display:none}.live .hint{display:block}
@media (max-width:1040px){.cols{grid-template-columns:minmax(0,1fr)}}
@media (max-width:760px){.trace{grid-template-columns:minmax(0,1fr);gap:18px}nav{position:static;max-height:none}
.live nav ol{display:flex;flex-wrap:wrap;gap:2px}.live nav a span{display:none}.live nav a[aria-current] span{display:inline}.player button{padding:5px 10px}}
@media print{.trace{display:block}nav,.player,.hint{display:none!important}article[hidden]{display:block!important}article{break-inside:avoid-page}
.cols{grid-template-columns:minmax(0,1fr) 260px;gap:20px}.frame,.rows,pre.source{max-height:none;overflow:visible}.frame img{max-height:none}pre.source{white-space:pre-wrap;font-size:9.5px}}
)css";

// Stops are the pictures and, within a series, its rows. The script only shows and hides what the page already holds.
const char* const kTraceScript = R"js((()=>{
"use strict";
const all=(s,e)=>[...(e||document).querySelectorAll(s)],one=(s,e)=>(e||document).querySelector(s);
const articles=all("article"),links=all("nav a"),slider=one(".player input"),count=one(".player output"),
back=one(".player .back"),forth=one(".player .forth");
const stops=[];
for(const a of articles){const rows=all(".rows tbody tr",a);if(rows.length)for(const r of rows)stops.push([a,r]);else stops.push([a,null]);}
if(!stops.length)return;
let at=0,zoom=1,cx=.5,cy=.5;
const magnify=a=>{const f=one(".frame",a),i=f&&one("img",f);if(!i)return;
f.classList.toggle("zoomed",zoom>1);i.style.width=zoom>1?zoom*100+"%":"";
if(zoom>1){f.scrollLeft=cx*f.scrollWidth-f.clientWidth/2;f.scrollTop=cy*f.scrollHeight-f.clientHeight/2;}};
const values=(a,r)=>{const cells=all("td",r),v=all("aside .v",a),why=one(".why",a),k=one(".which",a);
v.forEach((c,i)=>{const e=cells[i+1];c.textContent=e?e.dataset.v||e.textContent:"";});
if(why){const w=one(".why-cell",r);why.textContent=w?w.textContent:"";why.hidden=!why.textContent;}
if(k)k.textContent=cells[0].textContent;
for(const r2 of all(".rows tr.now",a))r2.classList.remove("now");
r.classList.add("now");for(const c of all(".cursor",a)){c.setAttribute("x1",r.dataset.x);c.setAttribute("x2",r.dataset.x);}
const box=one(".rows",a);if(r.offsetTop<box.scrollTop+40||r.offsetTop>box.scrollTop+box.clientHeight-40)box.scrollTop=r.offsetTop-box.clientHeight/2;};
const show=(n,keep)=>{at=Math.max(0,Math.min(stops.length-1,n));const[a,r]=stops[at];
for(const b of articles)b.hidden=b!==a;
for(const l of links){if(l.hash==="#"+a.id)l.setAttribute("aria-current","step");else l.removeAttribute("aria-current");}
if(r)values(a,r);magnify(a);slider.value=at;count.textContent=(at+1)+" of "+stops.length;
back.disabled=at===0;forth.disabled=at===stops.length-1;
if(!keep)try{history.replaceState(null,"","#"+(r?r.id:a.id));}catch(e){}};
const from=hash=>{const id=decodeURIComponent(hash.slice(1));let n=stops.findIndex(([a,r])=>r&&r.id===id);
if(n<0)n=stops.findIndex(([a])=>a.id===id);return n;};
document.body.classList.add("live");slider.max=stops.length-1;
slider.addEventListener("input",()=>show(+slider.value));
back.addEventListener("click",()=>show(at-1));forth.addEventListener("click",()=>show(at+1));
addEventListener("hashchange",()=>{const n=from(location.hash);if(n>=0)show(n,true);});
addEventListener("keydown",e=>{if(e.target===slider||e.altKey||e.ctrlKey||e.metaKey)return;
if(e.key==="ArrowRight")show(at+1);else if(e.key==="ArrowLeft")show(at-1);});
stops.forEach(([a,r],n)=>{if(r)r.addEventListener("click",()=>show(n));});
for(const f of all(".frame"))f.addEventListener("click",e=>{e.preventDefault();const b=one("img",f).getBoundingClientRect();
cx=(e.clientX-b.left)/b.width;cy=(e.clientY-b.top)/b.height;zoom=zoom>=9?1:zoom*3;magnify(f.closest("article"));});
for(const l of links)l.addEventListener("click",e=>{const n=from(l.hash);if(n>=0){e.preventDefault();show(n);}});
show(Math.max(0,from(location.hash)),true);if(location.hash)scrollTo(0,0);
})();)js";

}  // namespace assay::report
