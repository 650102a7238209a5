/* zw.js: enhancement only; every page works without it. ES2017, no eval, no inline. */
(function () {
  'use strict';
  var doc = document, root = doc.documentElement;
  root.classList.add('js');
  function all(sel, el) { return Array.prototype.slice.call((el || doc).querySelectorAll(sel)); }
  function on(type, fn, capture) { doc.addEventListener(type, fn, !!capture); }
  function word(name, fallback) { return doc.body.getAttribute('data-w-' + name) || fallback; }
  function token() { var m = doc.querySelector('meta[name=csrf]'); return m ? m.content : ''; }

  /* One polite live region for all messages of the script. */
  var live = null;
  function say(text) {
    if (!live) { live = doc.createElement('div'); live.className = 'sr'; live.setAttribute('role', 'status'); doc.body.appendChild(live); }
    live.textContent = ''; setTimeout(function () { live.textContent = text; }, 50);
  }

  /* Input methods: while a word is being composed nothing is searched and Enter submits nothing. */
  var composing = false;
  on('compositionstart', function () { composing = true; }, true);
  on('compositionend', function (e) {
    composing = false;
    setTimeout(function () { e.target.dispatchEvent(new Event('input', { bubbles: true })); }, 0);
  }, true);
  on('keydown', function (e) { if (e.isComposing || e.keyCode === 229) { e.stopPropagation(); if (e.key === 'Enter') e.preventDefault(); } }, true);
  on('input', function (e) { if (composing || e.isComposing) e.stopPropagation(); }, true);

  /* A form is sent once: the second click within 8 s is swallowed; "back" makes it usable again. */
  on('submit', function (e) {
    var form = e.target;
    if (e.defaultPrevented || form.method !== 'post') return;
    if (form.getAttribute('data-sent')) { e.preventDefault(); return; }
    form.setAttribute('data-sent', '1'); form._dirty = false;
    all('button,input[type=submit]', form).forEach(function (b) { b.classList.add('busy'); b.setAttribute('aria-busy', 'true'); });
    setTimeout(function () { release(form); }, 8000);
  });
  function release(form) {
    form.removeAttribute('data-sent');
    all('.busy', form).forEach(function (b) { b.classList.remove('busy'); b.removeAttribute('aria-busy'); });
  }
  window.addEventListener('pageshow', function () { all('form[data-sent]').forEach(release); });

  /* <form data-autosave="/path"> is kept as a draft, without validation, 1.2 s after the last change.
     Failure is loud, and the page then warns before it is left. */
  all('form[data-autosave]').forEach(function (form) {
    var timer = 0, busy = false, again = false, version = 0;
    var status = doc.getElementById(form.getAttribute('data-autosave-status') || 'saved');
    function show(text, bad) { if (status) { status.textContent = text; status.classList.toggle('bad', !!bad); } }
    function save() {
      if (busy) { again = true; return; }
      busy = true; again = false;
      var sent = version, body = new URLSearchParams();
      new FormData(form).forEach(function (value, name) { if (typeof value === 'string') body.append(name, value); });
      show(word('saving', '正在保存…'));
      fetch(form.getAttribute('data-autosave'), {
        method: 'POST', credentials: 'same-origin', redirect: 'manual', body: body,
        headers: { 'X-CSRF-Token': token(), 'X-Autosave': '1', 'Accept': 'application/json' }
      }).then(function (r) {
        if (!r.ok) throw new Error(String(r.status));
        var now = new Date(), hm = ('0' + now.getHours()).slice(-2) + ':' + ('0' + now.getMinutes()).slice(-2);
        if (sent === version) form._dirty = false;
        show(word('saved', '已自动保存') + ' ' + hm);
      }).catch(function () {
        show(word('unsaved', '没有保存成功，请检查网络后再试'), true); say(word('unsaved', ''));
      }).then(function () { busy = false; if (again) save(); });
    }
    function changed(e) {
      if (e.target.type === 'file' || e.target.type === 'password') return;
      version += 1; form._dirty = true; clearTimeout(timer); timer = setTimeout(save, 1200);
    }
    form.addEventListener('input', changed); form.addEventListener('change', changed);
    window.addEventListener('beforeunload', function (e) { if (form._dirty) { e.preventDefault(); e.returnValue = ''; } });
  });

  /* <input data-suggest="/path" list="…">: titles that fit, 200 ms after the last key. */
  all('input[data-suggest]').forEach(function (input) {
    var list = doc.getElementById(input.getAttribute('list')), timer = 0, last = input.value.trim();
    function ask() {
      var q = input.value.trim(); if (!list || !q || q === last) return; last = q;
      fetch(input.getAttribute('data-suggest') + '?q=' + encodeURIComponent(q), { credentials: 'same-origin', headers: { 'Accept': 'application/json' } })
        .then(function (r) { return r.ok ? r.json() : []; })
        .then(function (titles) {
          if (input.value.trim() !== q) return;
          list.textContent = '';
          titles.forEach(function (title) { var o = doc.createElement('option'); o.value = title; list.appendChild(o); });
        }).catch(function () {});
    }
    input.addEventListener('input', function () { clearTimeout(timer); timer = setTimeout(ask, 200); });
  });

  /* Files are checked for size and kind before they travel; the server checks again. */
  on('change', function (e) {
    var input = e.target; if (input.type !== 'file') return;
    var max = +input.getAttribute('data-max-bytes') || 0, box = input.closest('.up') || input.parentNode;
    var old = box.querySelector('.err-msg'); if (old) old.remove();
    var list = box.querySelector('.picked'); if (!list) { list = doc.createElement('span'); list.className = 'picked small'; box.appendChild(list); }
    var names = [], bad = '';
    all2(input.files).forEach(function (f) {
      names.push(f.name);
      if (max && f.size > max) bad = word('too-large', '文件太大') + '：' + f.name;
      if (f.size === 0) bad = word('empty-file', '文件是空的') + '：' + f.name;
    });
    list.textContent = names.join('、');
    if (bad) {
      var p = doc.createElement('p'); p.className = 'err-msg'; p.setAttribute('role', 'alert'); p.textContent = bad;
      box.insertBefore(p, box.firstChild); input.value = ''; list.textContent = '';
    } else if (names.length) say(names.join('、'));
  });
  function all2(list) { return Array.prototype.slice.call(list || []); }
  ['dragover', 'dragleave', 'drop'].forEach(function (type) {
    on(type, function (e) {
      var box = e.target.closest && e.target.closest('.up'); if (!box) return;
      e.preventDefault(); box.classList.toggle('over', type === 'dragover');
      var input = box.querySelector('input[type=file]');
      if (type === 'drop' && input && e.dataTransfer.files.length) { input.files = e.dataTransfer.files; input.dispatchEvent(new Event('change', { bubbles: true })); }
    });
  });

  /* Clicks: copy, print, dialogs, select-all. */
  on('click', function (e) {
    var el = e.target.closest && e.target.closest('[data-copy],[data-print],[data-dialog],[data-close]'); if (!el) return;
    if (el.hasAttribute('data-print')) { window.print(); return; }
    if (el.hasAttribute('data-copy')) {
      var src = doc.querySelector(el.getAttribute('data-copy')), text = src ? (src.value || src.textContent).trim() : '';
      (navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject()).then(function () { say(word('copied', '已复制')); el.classList.add('copied'); }, function () {
        if (src && window.getSelection) { var r = doc.createRange(); r.selectNodeContents(src); var s = getSelection(); s.removeAllRanges(); s.addRange(r); }
      });
      return;
    }
    var d = el.hasAttribute('data-dialog') ? doc.getElementById(el.getAttribute('data-dialog')) : el.closest('dialog');
    if (d && d.showModal) { e.preventDefault(); if (el.hasAttribute('data-dialog')) d.showModal(); else d.close(); }
  });
  on('change', function (e) {
    var name = e.target.getAttribute && e.target.getAttribute('data-select-all'); if (!name) return;
    all('input[type=checkbox][name="' + name + '"]').forEach(function (box) { box.checked = e.target.checked; });
  });
  /* Buttons that need the script stay hidden without it. */
  all('[data-needs-js]').forEach(function (el) { el.hidden = false; });

  /* <span data-countdown="90"> counts down; at 0 it goes to data-goto, if there is one. Announced each minute and at 10 s. */
  all('[data-countdown]').forEach(function (el) {
    var left = +el.getAttribute('data-countdown') || 0, end = Date.now() + left * 1000;
    var tick = setInterval(function () {
      left = Math.max(0, Math.round((end - Date.now()) / 1000));
      el.textContent = left >= 60 ? Math.floor(left / 60) + ':' + ('0' + left % 60).slice(-2) : left;
      if (left && (left % 60 === 0 || left === 10)) say(el.textContent + ' s');
      if (!left) { clearInterval(tick); var go = el.getAttribute('data-goto'); if (go) location.assign(go); }
    }, 1000);
  });

  /* The error summary takes the focus, and its links go to the fields. */
  var sum = doc.querySelector('.err-sum'); if (sum) sum.focus();
  on('click', function (e) {
    var a = e.target.closest && e.target.closest('.err-sum a[href^="#"]'); if (!a) return;
    var f = doc.getElementById(decodeURIComponent(a.getAttribute('href').slice(1))); if (!f) return;
    e.preventDefault(); f.scrollIntoView({ block: 'center' });
    if (!/^(INPUT|SELECT|TEXTAREA|BUTTON|A)$/.test(f.tagName)) f = f.querySelector('input,select,textarea') || f;
    f.focus({ preventScroll: true });
  });

  /* Staff keys: data-key="A" on a button or link. Off with modifiers, in fields and while composing; switched off by data-keys="off". */
  on('keydown', function (e) {
    if (doc.body.getAttribute('data-keys') !== 'on' || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || e.defaultPrevented) return;
    var t = e.target; if (/^(INPUT|SELECT|TEXTAREA)$/.test(t.tagName) || t.isContentEditable) return;
    if (!/^[A-Za-z\/?]$/.test(e.key)) return;
    var hit = doc.querySelector('[data-key="' + e.key.toUpperCase() + '"]');
    if (hit) { e.preventDefault(); if (hit.tagName === 'INPUT') hit.focus(); else hit.click(); }
  });

  /* htmx, where a page loads it: token on every request, 422 is shown, focus follows the swap. */
  on('htmx:configRequest', function (e) { if (e.detail.verb !== 'get') e.detail.headers['X-CSRF-Token'] = token(); });
  on('htmx:beforeSwap', function (e) { var s = e.detail.xhr.status; if (s === 422) { e.detail.shouldSwap = true; e.detail.isError = false; } });
  on('htmx:afterSwap', function (e) { var f = e.target.querySelector('[data-focus],.err-sum'); if (f) f.focus(); });
  on('htmx:responseError', function () { say(word('unsaved', '')); });
})();
