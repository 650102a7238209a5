/* drawing.js: the editor of processes (/admin/processes/…/drawing) around bpmn-js. No inline style, no eval, nothing from elsewhere.
   Everything that the canvas offers to the mouse can also be done with the list of elements, the buttons and the panel beside it. */
(function () {
  'use strict';
  var doc = document, root = doc.getElementById('draw');
  if (!root || !window.BpmnJS) return;
  var words = JSON.parse(root.getAttribute('data-words'));
  var posts = JSON.parse(root.getAttribute('data-posts'));
  var key = 'tb-drawing:' + root.getAttribute('data-key');
  var canvasBox = doc.getElementById('draw-canvas'), panel = doc.getElementById('draw-panel');
  var list = doc.getElementById('draw-list'), status = doc.getElementById('draw-status');
  var foundBox = doc.getElementById('draw-found'), kept = doc.getElementById('draw-kept');
  var TB = 'http://tongban.dev/bpmn', MAX_KEPT = 2000000;

  function w(name, value) { return (words[name] || name).replace('{n}', value === undefined ? '' : value); }
  function say(text) { status.textContent = ''; setTimeout(function () { status.textContent = text; }, 30); }
  function make(tag, set, text) {
    var e = doc.createElement(tag);
    Object.keys(set || {}).forEach(function (name) { e.setAttribute(name, set[name]); });
    if (text !== undefined) e.textContent = text;
    return e;
  }

  /* Our attributes: known to the reader of the model, so that they are kept and can be set by name. */
  function attrs(type, names) {
    return { name: type.replace(':', ''), extends: [type], properties: names.map(function (n) { return { name: n, isAttr: true, type: 'String' }; }) };
  }
  var tb = {
    name: 'Tongban', uri: TB, prefix: 'tb', associations: [],
    /* As in BPMN itself: types that are extended here would else be written with a capital letter. */
    xml: { tagAlias: 'lowerCase' }, types: [
      attrs('bpmn:Process', ['variables']),
      attrs('bpmn:Lane', ['post', 'organ']),
      attrs('bpmn:UserTask', ['post', 'organ', 'form', 'limit', 'act', 'countersign', 'variable']),
      attrs('bpmn:ServiceTask', ['service', 'act']),
      attrs('bpmn:ScriptTask', ['variable']),
      attrs('bpmn:BusinessRuleTask', ['decision', 'variable', 'binding']),
      attrs('bpmn:CallActivity', ['binding']),
      attrs('bpmn:EndEvent', ['outcome']),
      attrs('bpmn:ReceiveTask', ['key']),
      attrs('bpmn:TimerEventDefinition', ['calendar']),
      attrs('bpmn:MessageEventDefinition', ['key']),
      attrs('bpmn:MultiInstanceLoopCharacteristics', ['collection', 'item', 'output', 'output-item'])
    ]
  };

  /* Words of the canvas. */
  function translate(template, values) {
    var text = words['bpmn:' + template] || template;
    return text.replace(/{([^}]+)}/g, function (all, name) {
      var value = values && values[name];
      return value === undefined ? all : words['bpmn:' + value] || value;
    });
  }

  var modeler = new window.BpmnJS({
    container: canvasBox,
    moddleExtensions: { tb: tb },
    additionalModules: [{ translate: ['value', translate] }]
  });
  var elements = modeler.get('elementRegistry'), modeling = modeler.get('modeling'), selection = modeler.get('selection');
  var factory = modeler.get('bpmnFactory'), overlays = modeler.get('overlays'), stack = modeler.get('commandStack');
  var canvas = modeler.get('canvas'), loaded = '', current = null, marked = [];
  root.modeler = modeler;

  /* ---------- the list of elements, and what is selected ---------- */
  function own() {
    return elements.filter(function (e) { return e.type !== 'label' && !/(Plane|Root)$/.test(e.type) && e.businessObject && e.parent; });
  }
  function nameOf(element) {
    var b = element.businessObject, type = translate(b.$type.replace('bpmn:', ''));
    return (b.name || b.id) + '（' + type + '）';
  }
  function relist() {
    var at = current ? current.id : '';
    list.textContent = '';
    list.appendChild(make('option', { value: '' }, w('whole')));
    own().sort(function (a, b) { return (a.x || 0) - (b.x || 0); }).forEach(function (e) {
      list.appendChild(make('option', { value: e.id }, nameOf(e)));
    });
    list.value = elements.get(at) ? at : '';
  }
  list.addEventListener('change', function () {
    var element = elements.get(list.value);
    selection.select(element || []);
    if (element) canvas.scrollToElement(element, 80);
  });
  modeler.on('selection.changed', function (event) {
    var one = event.newSelection.length === 1 ? event.newSelection[0] : null;
    show(one && one.labelTarget ? one.labelTarget : one);
  });

  /* ---------- the panel ---------- */
  function business() {
    if (current) return current.businessObject;
    var plane = canvas.getRootElement().businessObject;
    if (!plane) return null;
    if (plane.$type === 'bpmn:Process') return plane;
    var first = (plane.participants || [])[0];
    return first ? first.processRef : plane;
  }
  function target() { return current || canvas.getRootElement(); }
  function set(props) {
    if (current || target().businessObject === business()) modeling.updateProperties(target(), props);
    else modeling.updateModdleProperties(target(), business(), props);
  }
  function setInner(inner, props) { modeling.updateModdleProperties(target(), inner, props); }
  function definition(b, type) {
    return (b.eventDefinitions || []).filter(function (d) { return d.$type === type; })[0];
  }
  function expression(parent, text) {
    if (!text) return undefined;
    var made = factory.create('bpmn:FormalExpression', { body: text });
    made.$parent = parent;
    return made;
  }

  function field(name, value, put, opt) {
    opt = opt || {};
    var id = 'dp-' + name, row = make('div', { class: 'field' }), hint = w('hint-' + name);
    row.appendChild(make('label', { for: id }, w('f-' + name)));
    var input;
    if (opt.choices) {
      input = make('select', { class: 'in', id: id });
      input.appendChild(make('option', { value: '' }, w('none')));
      opt.choices.forEach(function (c) { input.appendChild(make('option', { value: c[0] }, c[1])); });
      if (value && !opt.choices.some(function (c) { return c[0] === value; })) input.appendChild(make('option', { value: value }, value));
    } else if (opt.area) {
      input = make('textarea', { class: 'in', id: id, rows: '3', spellcheck: 'false' });
    } else {
      input = make('input', { class: 'in', id: id, autocomplete: 'off', spellcheck: 'false' });
      if (opt.list) {
        input.setAttribute('list', id + '-l');
        var data = make('datalist', { id: id + '-l' });
        opt.list.forEach(function (one) { data.appendChild(make('option', { value: one })); });
        row.appendChild(data);
      }
    }
    if (words['hint-' + name]) {
      row.appendChild(make('p', { class: 'hint', id: id + '-h' }, hint));
      input.setAttribute('aria-describedby', id + '-h');
    }
    input.value = value || '';
    input.addEventListener('change', function () {
      var text = input.value.trim();
      try { put(text || undefined); say(w('set')); } catch (e) { say(w('wrong')); input.setAttribute('aria-invalid', 'true'); return; }
      input.removeAttribute('aria-invalid');
    });
    row.appendChild(input);
    return row;
  }
  function attr(name, opt) {
    var b = business(), props = {};
    return field(name.replace('tb:', ''), b.get(name), function (text) { props[name] = text; set(props); }, opt);
  }

  var ACTS = ['pre-review', 'accept', 'review', 'countersign', 'decide', 'supplement', 'issue'];
  function show(element) {
    current = element;
    list.value = element ? element.id : '';
    var b = business();
    panel.textContent = '';
    // While a file is being opened there is nothing yet.
    if (!b) return;
    var type = b.$type.replace('bpmn:', '');
    panel.appendChild(make('h3', {}, translate(type)));
    var rows = [attr('name', { area: /Task|Process|Activity/.test(type) }), field('id', b.id, function (text) {
      if (!/^[A-Za-z_][\w.-]*$/.test(text || '') || (elements.get(text) && text !== b.id)) throw new Error('id');
      set({ id: text }); relist();
    })];
    if (type === 'Process') rows.push(attr('tb:variables', { area: true }));
    if (type === 'UserTask' || type === 'Lane') rows.push(attr('tb:post', { choices: posts }), attr('tb:organ'));
    if (type === 'UserTask') rows.push(attr('tb:act', { list: ACTS }), attr('tb:limit'), attr('tb:form'));
    if (type === 'ServiceTask') rows.push(attr('tb:service', { list: ['issue-licence'] }));
    if (type === 'ScriptTask') rows.push(attr('script', { area: true }), attr('tb:variable'));
    if (type === 'BusinessRuleTask') rows.push(attr('tb:decision'), attr('tb:variable'), attr('tb:binding'));
    if (type === 'CallActivity') rows.push(attr('calledElement'), attr('tb:binding'));
    if (type === 'EndEvent') rows.push(attr('tb:outcome'));
    if (type === 'SequenceFlow') rows.push(condition(b));
    if (b.loopCharacteristics) rows = rows.concat(repetition(b));
    rows = rows.concat(events(b));
    rows.forEach(function (row) { panel.appendChild(row); });
    if (element && b.$instanceOf('bpmn:FlowNode') && type !== 'EndEvent') panel.appendChild(appending(element));
    if (element) {
      var gone = make('button', { class: 'btn btn-d', type: 'button', 'data-draw': 'remove' }, w('remove'));
      gone.addEventListener('click', function () { modeling.removeElements([element]); selection.select([]); list.focus(); say(w('removed')); });
      panel.appendChild(gone);
    }
  }
  function condition(b) {
    var body = b.conditionExpression && b.conditionExpression.body;
    return field('condition', body, function (text) { set({ conditionExpression: expression(b, text) }); }, { area: true });
  }
  function repetition(b) {
    var loop = b.loopCharacteristics, rows = [];
    if (loop.$type !== 'bpmn:MultiInstanceLoopCharacteristics') return rows;
    if (b.$type === 'bpmn:UserTask') rows.push(attr('tb:countersign', { list: ['all', 'any', 'n:2', 'veto'] }));
    ['collection', 'item'].forEach(function (name) {
      rows.push(field(name, loop.get('tb:' + name), function (text) { var p = {}; p['tb:' + name] = text; setInner(loop, p); }));
    });
    var size = loop.loopCardinality && loop.loopCardinality.body;
    rows.push(field('cardinality', size, function (text) { setInner(loop, { loopCardinality: expression(loop, text) }); }));
    return rows;
  }
  function events(b) {
    var rows = [], timer = definition(b, 'bpmn:TimerEventDefinition'), message = definition(b, 'bpmn:MessageEventDefinition');
    if (timer) {
      var kinds = ['timeDuration', 'timeDate', 'timeCycle'];
      var kind = kinds.filter(function (k) { return timer.get(k); })[0] || 'timeDuration';
      rows.push(field('timer-kind', kind, function (text) {
        var old = timer.get(kind), props = {};
        kinds.forEach(function (k) { props[k] = undefined; });
        kind = text || 'timeDuration';
        props[kind] = expression(timer, old && old.body);
        setInner(timer, props);
      }, { choices: kinds.map(function (k) { return [k, w(k)]; }) }));
      rows.push(field('timer', timer.get(kind) && timer.get(kind).body, function (text) {
        var props = {}; props[kind] = expression(timer, text); setInner(timer, props);
      }));
      rows.push(field('calendar', timer.get('tb:calendar'), function (text) { setInner(timer, { 'tb:calendar': text }); },
        { choices: [['working', w('cal-working')], ['office', w('cal-office')], ['limit', w('cal-limit')]] }));
    }
    if (message) {
      rows.push(field('message', message.messageRef && message.messageRef.name, function (text) {
        var all = modeler.getDefinitions(), found = all.rootElements.filter(function (e) { return e.$type === 'bpmn:Message' && e.name === text; })[0];
        if (text && !found) {
          found = factory.create('bpmn:Message', { name: text });
          found.$parent = all;
          all.rootElements.push(found);
        }
        setInner(message, { messageRef: text ? found : undefined });
      }));
      rows.push(field('key', message.get('tb:key'), function (text) { setInner(message, { 'tb:key': text }); }));
    }
    return rows;
  }

  /* What the small menu at an element offers to the mouse, as buttons. */
  function appending(element) {
    var box = make('fieldset', { class: 'draw-next' });
    box.appendChild(make('legend', {}, w('next')));
    ['UserTask', 'ServiceTask', 'ExclusiveGateway', 'ParallelGateway', 'EndEvent'].forEach(function (type) {
      var b = make('button', { class: 'btn btn-s btn-x', type: 'button', 'data-append': type }, translate(type));
      b.addEventListener('click', function () {
        var shape = modeler.get('elementFactory').createShape({ type: 'bpmn:' + type });
        var made = modeler.get('autoPlace').append(element, shape);
        selection.select(made);
        say(w('added', translate(type)));
        var name = doc.getElementById('dp-name');
        if (name) name.focus();
      });
      box.appendChild(b);
    });
    var others = own().filter(function (e) { return e !== element && e.businessObject.$instanceOf('bpmn:FlowNode') && e.parent === element.parent; });
    var row = make('div', { class: 'field' }), pick = make('select', { class: 'in', id: 'dp-connect' });
    row.appendChild(make('label', { for: 'dp-connect' }, w('connect')));
    pick.appendChild(make('option', { value: '' }, w('choose')));
    others.forEach(function (e) { pick.appendChild(make('option', { value: e.id }, nameOf(e))); });
    pick.addEventListener('change', function () {
      var to = elements.get(pick.value);
      if (to && modeling.connect(element, to)) say(w('connected', nameOf(to)));
    });
    row.appendChild(pick);
    box.appendChild(row);
    return box;
  }

  /* ---------- what was not handed in yet is kept in this browser ---------- */
  var timer = 0;
  modeler.on('commandStack.changed', function () {
    clearTimeout(timer);
    timer = setTimeout(keep, 700);
    relist();
    buttons();
  });
  modeler.on('element.changed', function (e) { if (current && e.element === current) list.value = current.id; });
  function keep() {
    modeler.saveXML({ format: true }).then(function (r) {
      if (r.xml.length > MAX_KEPT) return;
      try { localStorage.setItem(key, JSON.stringify({ xml: r.xml, at: Date.now() })); } catch (e) { say(w('not-kept')); }
    }).catch(function () { say(w('not-kept')); });
  }
  function forget() { clearTimeout(timer); try { localStorage.removeItem(key); } catch (e) { /* nothing was kept */ } }
  function offer() {
    var found = null;
    try { found = JSON.parse(localStorage.getItem(key) || 'null'); } catch (e) { found = null; }
    if (!found || typeof found.xml !== 'string') return;
    kept.querySelector('b').textContent = w('kept', new Date(found.at).toLocaleString());
    kept.hidden = false;
    doc.getElementById('draw-resume').onclick = function () { kept.hidden = true; load(found.xml, true); canvasBox.focus(); };
    doc.getElementById('draw-drop').onclick = function () { kept.hidden = true; forget(); canvasBox.focus(); };
  }

  /* ---------- findings, on the canvas and in a list ---------- */
  function unmark() {
    overlays.remove({ type: 'tb-found' });
    marked.forEach(function (id) { if (elements.get(id)) canvas.removeMarker(id, 'tb-bad'); });
    marked = [];
  }
  function find(answer) {
    unmark();
    foundBox.textContent = '';
    var at = {};
    (answer.findings || []).forEach(function (one) {
      var li = make('li', { class: 'draw-' + one.severity });
      li.appendChild(make('b', {}, w('sev-' + one.severity) + ' '));
      var element = one.element && elements.get(one.element);
      if (element) {
        var go = make('button', { class: 'link', type: 'button' }, nameOf(element));
        go.addEventListener('click', function () { selection.select(element); canvas.scrollToElement(element, 80); (panel.querySelector('input,select,textarea') || list).focus(); });
        li.appendChild(go);
        (at[element.id] = at[element.id] || []).push(one);
      } else if (one.element) li.appendChild(make('span', { class: 'mono' }, one.element));
      li.appendChild(make('span', {}, ' ' + one.message));
      foundBox.appendChild(li);
    });
    Object.keys(at).forEach(function (id) {
      var bad = at[id].some(function (f) { return f.severity === 'refused' || f.severity === 'fault'; });
      var note = make('div', { class: 'tb-note' + (bad ? ' tb-note-bad' : ''), title: at[id].map(function (f) { return f.message; }).join('\n') }, bad ? '!' : 'i');
      try { overlays.add(id, 'tb-found', { position: { top: -14, left: -8 }, html: note }); } catch (e) { return; }
      if (bad) { canvas.addMarker(id, 'tb-bad'); marked.push(id); }
    });
    var n = (answer.findings || []).length, stop = (answer.findings || []).filter(function (f) { return f.severity === 'refused' || f.severity === 'fault'; }).length;
    say(answer.hash ? (stop ? w('saved-faults', stop) : n ? w('saved-notes', n) : w('saved-clean')) : w('refused', n));
    var head = doc.getElementById('draw-result');
    head.hidden = false;
    head.querySelector('a').hidden = !answer.hash;
    if (answer.href) head.querySelector('a').setAttribute('href', answer.href);
  }

  /* ---------- handing in ---------- */
  var busy = false, saveButton = doc.getElementById('draw-save');
  function save() {
    if (busy) return;
    busy = true;
    saveButton.setAttribute('aria-busy', 'true');
    if (doc.activeElement && doc.activeElement.blur && panel.contains(doc.activeElement)) doc.activeElement.dispatchEvent(new Event('change'));
    modeler.saveXML({ format: true }).then(function (r) {
      var body = new FormData();
      body.append('csrf', root.getAttribute('data-csrf'));
      body.append('file', new Blob([r.xml], { type: 'application/xml' }), 'drawing.bpmn');
      return fetch(root.getAttribute('data-save'), { method: 'POST', credentials: 'same-origin', body: body, headers: { Accept: 'application/json', 'X-CSRF-Token': root.getAttribute('data-csrf') } });
    }).then(function (r) {
      return r.json().then(function (answer) {
        if (r.status !== 200 && r.status !== 422) throw new Error(answer.detail || answer.title || String(r.status));
        find(answer);
        if (!answer.hash) return;
        forget();
        key = 'tb-drawing:' + answer.hash;
        history.replaceState(null, '', '/admin/processes/' + answer.hash + '/drawing');
      });
    }).catch(function (e) { keep(); say(w('not-saved', e && e.message ? e.message : '')); }).then(function () {
      busy = false;
      saveButton.removeAttribute('aria-busy');
    });
  }
  saveButton.addEventListener('click', save);
  doc.addEventListener('keydown', function (e) {
    if ((e.ctrlKey || e.metaKey) && !e.altKey && e.key.toLowerCase() === 's') { e.preventDefault(); save(); }
  });

  /* ---------- undo, redo, size ---------- */
  function tool(name, act) { doc.getElementById('draw-' + name).addEventListener('click', act); }
  function buttons() {
    doc.getElementById('draw-undo').disabled = !stack.canUndo();
    doc.getElementById('draw-redo').disabled = !stack.canRedo();
  }
  tool('undo', function () { stack.undo(); });
  tool('redo', function () { stack.redo(); });
  tool('fit', function () { canvas.zoom('fit-viewport'); });
  tool('in', function () { canvas.zoom(canvas.zoom() * 1.25); });
  tool('out', function () { canvas.zoom(canvas.zoom() / 1.25); });

  function load(xml, changed) {
    return modeler.importXML(xml).then(function () {
      loaded = xml;
      unmark();
      canvas.zoom('fit-viewport');
      if (canvas.zoom() > 1) canvas.zoom(1);
      show(null);
      relist();
      buttons();
      root.setAttribute('data-ready', '1');
      say(changed ? w('resumed') : w('ready', own().length));
    }).catch(function (e) { say(w('unreadable', e.message)); });
  }
  var from = root.getAttribute('data-xml');
  (from ? fetch(from, { credentials: 'same-origin' }).then(function (r) {
    if (!r.ok) throw new Error(String(r.status));
    return r.text();
  }) : Promise.resolve(root.getAttribute('data-start'))).then(function (xml) { return load(xml, false); }).then(offer)
    .catch(function (e) { say(w('unreadable', e.message)); });
})();
