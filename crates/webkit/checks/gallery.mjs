// Browser check of the gallery: axe (WCAG 2.2 AA and best practice), sideways overflow, CSP and script errors, bytes of the
// first view, pictures. Needs: npm i playwright-core@1.65.1 axe-core@4.14.1 in this folder's parent path or NODE_PATH,
// Debian's chromium and fonts-noto-cjk, and the gallery: cargo run -p tongban-webkit --example gallery -- 8091
// Use: node gallery.mjs [desk,phone,…]; exit code 1 if anything is found.
import {createRequire} from 'module';import fs from 'fs';const require=createRequire(process.cwd()+'/');const {chromium}=require('playwright-core');
const axe=fs.readFileSync(require.resolve('axe-core/axe.min.js'),'utf8');const base=process.env.GALLERY||'http://127.0.0.1:8091';
const b=await chromium.launch({executablePath:'/usr/bin/chromium',headless:true,args:['--no-sandbox','--disable-gpu','--hide-scrollbars','--font-render-hinting=none']});
const pages=['/dev/gallery','/dev/gallery/home','/dev/gallery/form','/dev/gallery/case','/dev/gallery/workbench','/dev/gallery/error/conflict','/nothing'];
const variants={desk:[1440,900,'zh-CN'],phone:[390,844,'zh-CN'],narrow:[320,640,'zh-CN'],elder:[1440,900,'zh-CN.e'],elderphone:[390,844,'zh-CN.e'],contrast:[1280,900,'zh-CN.c'],en:[1440,900,'en'],ennarrow:[320,640,'en']};
const only=process.argv[2];let bad=0;fs.mkdirSync('shots',{recursive:true});
for(const [v,[w,h,prefs]] of Object.entries(variants)){if(only&&!only.split(',').includes(v))continue;
 const c=await b.newContext({viewport:{width:w,height:h},bypassCSP:false,extraHTTPHeaders:{}});await c.addCookies([{name:'zw-prefs',value:prefs,url:base}]);
 for(const u of pages){const p=await c.newPage();const errs=[];p.on('console',m=>{if(m.type()==='error'&&!/status of (4|5)/.test(m.text()))errs.push(m.text().slice(0,160))});p.on('pageerror',e=>errs.push('PE '+e.message));
  let bytes=0;const cdp=await c.newCDPSession(p);await cdp.send('Network.enable');await cdp.send('Network.setCacheDisabled',{cacheDisabled:true});const sizes={};cdp.on('Network.responseReceived',e=>sizes[e.requestId]=e.response.url);cdp.on('Network.loadingFinished',e=>{if(!/woff2|svg/.test(sizes[e.requestId]||''))bytes+=e.encodedDataLength});
  await p.goto(base+u,{waitUntil:'load'});await p.waitForTimeout(150);
  const ov=await p.evaluate(()=>document.documentElement.scrollWidth-innerWidth);
  const wide=ov>0?await p.evaluate(()=>[...document.querySelectorAll('body *')].filter(e=>e.getBoundingClientRect().right>innerWidth+1&&!e.closest('.scroll,.nav,.tabs')).slice(0,4).map(e=>e.tagName+'.'+e.className+' '+(e.textContent||'').slice(0,12))):[];
  await p.evaluate(axe).catch(()=>{});
  let viol=[];try{const r=await cdp.send('Runtime.evaluate',{expression:axe+';axe.run(document,{runOnly:["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}).then(r=>JSON.stringify(r.violations.map(x=>[x.id,x.nodes.length,x.nodes.slice(0,3).map(n=>n.target.join(" ")+" | "+(n.any[0]?.message||n.all[0]?.message||"").slice(0,110))])))',awaitPromise:true,returnByValue:true});viol=JSON.parse(r.result.value)}catch(e){viol=[['axe failed',String(e).slice(0,100)]]}
  const name=(u.replace('/dev/gallery','').replace(/\//g,'-').replace(/^-/,'')||'all');
  await p.screenshot({path:`shots/${name}-${v}.png`,fullPage:true}).catch(()=>{});
  if(viol.length||ov>0||errs.length){bad++;}
  console.log(v,u,bytes+'B','ov',ov,wide.join(' ; '),errs.join(' ; '),viol.length?JSON.stringify(viol):'');await p.close()}
 await c.close()}
console.log('pages with findings',bad);await b.close();process.exit(bad?1:0);
