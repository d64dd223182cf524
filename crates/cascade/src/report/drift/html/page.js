
'use strict';
(() => {
  const $ = (selector, at = document) => at.querySelector(selector);
  const all = (selector, at = document) => Array.from(at.querySelectorAll(selector));
  const make = (tag, props = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), props);
    node.append(...children);
    return node;
  };
  const decoded = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
  document.documentElement.classList.add('js');

  // What is asked for: `repo` and `on` as slugs, the rest as texts. It lives in the address.
  const KEYS = ['severity', 'code', 'repo', 'on', 'owner', 'text', 'new'];
  let asked = {};
  const read = () => {
    const found = {};
    for (const part of location.hash.slice(1).split('&')) {
      const at = part.indexOf('=');
      const key = part.slice(0, at);
      if (at > 0 && KEYS.includes(key)) {
        found[key] = key === 'repo' || key === 'on' ? part.slice(at + 1) : decoded(part.slice(at + 1));
      }
    }
    return found;
  };
  const address = () => '#' + KEYS.filter((key) => asked[key]).map((key) =>
    key + '=' + (key === 'repo' || key === 'on' ? asked[key] : encodeURIComponent(asked[key]))).join('&');
  const keep = () => {
    try { history.replaceState(null, '', address()); } catch { /* An address that can not be kept is not. */ }
  };

  // The findings.
  const body = $('#rows');
  const findings = (body ? Array.from(body.rows) : []).map((row, place) => ({
    row,
    place,
    severity: row.dataset.s,
    repo: row.dataset.r,
    on: (row.dataset.on || '').split(' '),
    code: $('.code', row).textContent,
    owners: all('.own', row).map((it) => it.textContent),
    isNew: 'n' in row.dataset,
    since: row.dataset.t === undefined ? Infinity : Number(row.dataset.t),
  }));
  const text = (it) => it.text ??= it.row.textContent.toLowerCase();
  const fits = (it, words) =>
    (!asked.severity || it.severity === asked.severity) &&
    (!asked.code || it.code === asked.code) &&
    (!asked.repo || it.repo === asked.repo) &&
    (!asked.on || it.on.includes(asked.on)) &&
    (!asked.owner || it.owners.includes(asked.owner)) &&
    (!asked.new || it.isNew) &&
    words.every((word) => text(it).includes(word));

  const form = $('#filters');
  const fields = {};
  const field = (key, title, input) => {
    fields[key] = input;
    input.name = key;
    form.append(make('label', {}, title, input));
  };
  const choice = (key, title, options) => {
    const select = make('select', {}, make('option', { value: '', textContent: 'any' }));
    for (const [value, told] of options) select.append(make('option', { value, textContent: told }));
    field(key, title, select);
  };
  const same = (values) => [...new Set(values)].sort().map((it) => [it, it]);
  if (form) {
    choice('severity', 'Severity', ['block', 'warn', 'info'].filter((word) =>
      findings.some((it) => it.severity === word)).map((it) => [it, it]));
    choice('code', 'Rule', same(findings.map((it) => it.code)));
    choice('repo', 'Repository', same(findings.map((it) => it.repo).filter(Boolean))
      .map(([slug]) => [slug, decoded(slug)]));
    choice('owner', 'Owner', same(findings.flatMap((it) => it.owners)));
    field('text', 'Text', make('input', { type: 'search', autocomplete: 'off' }));
    const tick = make('input', { type: 'checkbox', value: '1', name: 'new' });
    fields.new = tick;
    form.append(make('label', { className: 'tick' }, tick, 'only new'));
    const clear = make('button', { type: 'button', textContent: 'Clear' });
    clear.addEventListener('click', () => { asked = {}; keep(); show(); });
    form.append(clear);
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('input', () => {
      const on = asked.on;
      asked = {};
      for (const [key, input] of Object.entries(fields)) {
        const value = input.type === 'checkbox' ? (input.checked ? '1' : '') : input.value.trim();
        if (value) asked[key] = value;
      }
      if (on && asked.repo) asked.on = on;
      keep();
      later(show);
    });
  }
  let waiting;
  const later = (what) => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(what); };

  // Sorting: a button in every head.
  const RANK = { block: 0, warn: 1, info: 2 };
  const ORDER = {
    severity: (a, b) => RANK[a.severity] - RANK[b.severity],
    code: (a, b) => a.code.localeCompare(b.code),
    repo: (a, b) => decoded(a.repo).localeCompare(decoded(b.repo)),
    age: (a, b) => (a.since === b.since ? 0 : a.since - b.since),
    owner: (a, b) => (a.owners[0] || '\uffff').localeCompare(b.owners[0] || '\uffff'),
  };
  for (const head of all('th[data-k]')) {
    const button = make('button', { type: 'button', textContent: head.textContent });
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') === 'ascending';
      for (const other of all('th[aria-sort]')) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const by = ORDER[head.dataset.k];
      findings.sort((a, b) => (down ? by(b, a) : by(a, b)) || a.place - b.place);
      body.append(...findings.map((it) => it.row));
    });
  }

  // The picture.
  const svg = $('.stage svg');
  const edges = all('a.e', svg || document.createElement('i'));
  const nodes = all('a.n', svg || document.createElement('i'));
  const slugs = (link) => {
    const [repo, on] = link.getAttribute('href').slice('#repo='.length).split('&on=');
    return { repo, on };
  };
  const boxes = new Map();
  const above = new Map();
  const below = new Map();
  const lines = new Map();
  const put = (map, key, it) => map.has(key) ? map.get(key).push(it) : map.set(key, [it]);
  for (const node of nodes) boxes.set(slugs(node).repo, node);
  for (const edge of edges) {
    const { repo, on } = slugs(edge);
    lines.set(edge, { repo, on });
    put(above, repo, edge);
    put(below, on, edge);
  }
  const top = (link) => {
    const box = boxes.get(link.classList.contains('n') ? slugs(link).repo : lines.get(link).repo);
    return box ? Number($('rect', box).getAttribute('y')) : 0;
  };
  const told = (link) => {
    const title = $('title', link);
    if (title) {
      link.setAttribute('aria-label', title.textContent);
      title.remove();
    }
    return link.getAttribute('aria-label').split('\n');
  };
  const tip = $('#tip');
  const tell = (link) => {
    let text = told(link);
    if (link.classList.contains('n')) {
      const on = above.get(slugs(link).repo) || [];
      text = text.concat(on.slice(0, 10).map((it) => {
        const [head, ...pins] = told(it);
        return [head.replace(/^.* on /, 'on '), ...pins.slice(0, 2)].join(' · ');
      }));
      if (on.length > 10) text.push(`and on ${on.length - 10} more`);
    }
    tip.replaceChildren(...text.map((it) => make('p', { textContent: it })));
    tip.hidden = false;
    const stage = tip.parentElement.getBoundingClientRect();
    const box = (link.classList.contains('n') ? link : $('path', link)).getBoundingClientRect();
    const size = tip.getBoundingClientRect();
    const clamp = (at, most) => Math.max(4, Math.min(at, most));
    const x = link.classList.contains('n') ? box.left : box.left + box.width / 2 - size.width / 2;
    const y = link.classList.contains('n') ? box.bottom : box.top + box.height / 2;
    tip.style.left = clamp(x - stage.left, stage.width - size.width - 4) + 'px';
    const over = (link.classList.contains('n') ? box.top : y) - size.height - 10;
    const room = y + 10 + size.height < innerHeight || over < 0;
    tip.style.top = (room ? y + 10 : over) - stage.top + 'px';
  };
  const silent = () => { tip.hidden = true; };
  const link = (event) => event.target.closest && event.target.closest('.p a');

  // One stop for the Tab key; the arrows walk from box to line to box.
  let stop = nodes[0];
  const focus = (to) => {
    if (!to) return;
    if (stop) stop.setAttribute('tabindex', '-1');
    stop = to;
    stop.setAttribute('tabindex', '0');
    stop.focus({ preventScroll: true });
    const shape = to.classList.contains('n') ? to : boxes.get(lines.get(to).repo) || to;
    shape.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
  };
  const ordered = (list) => (list || []).slice().sort((a, b) => top(a) - top(b));
  let from;
  const step = (at, key) => {
    const isNode = at.classList.contains('n');
    if (isNode) {
      const { repo } = slugs(at);
      if (key === 'ArrowRight') { from = 'on'; return ordered(below.get(repo))[0]; }
      if (key === 'ArrowLeft') { from = 'repo'; return ordered(above.get(repo))[0]; }
      const next = nodes.indexOf(at) + (key === 'ArrowDown' ? 1 : -1);
      return nodes[next];
    }
    const ends = lines.get(at);
    if (key === 'ArrowRight') return boxes.get(ends.repo);
    if (key === 'ArrowLeft') return boxes.get(ends.on);
    const beside = ordered(from === 'repo' ? above.get(ends.repo) : below.get(ends.on));
    return beside[beside.indexOf(at) + (key === 'ArrowDown' ? 1 : -1)];
  };
  if (svg) {
    for (const node of nodes) node.setAttribute('tabindex', node === stop ? '0' : '-1');
    svg.addEventListener('pointerover', (event) => { const it = link(event); if (it) tell(it); });
    svg.addEventListener('pointerout', silent);
    svg.addEventListener('focusin', (event) => { const it = link(event); if (it) tell(it); });
    svg.addEventListener('focusout', silent);
    svg.addEventListener('keydown', (event) => {
      const it = link(event);
      if (!it || event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key.startsWith('Arrow')) focus(step(it, event.key));
      else if (event.key === 'Home') focus(nodes[0]);
      else if (event.key === 'End') focus(nodes[nodes.length - 1]);
      else if (event.key === 'Escape') { silent(); asked = {}; keep(); show(); }
      else return;
      event.preventDefault();
    });
    // The first wave stands in the middle.
    svg.parentElement.scrollTop = (svg.clientHeight - svg.parentElement.clientHeight) / 2;
    // Lines are thin: what is hit is wider, and is drawn once the page stands.
    setTimeout(() => {
      for (const edge of edges) {
        const wide = $('path', edge).cloneNode();
        wide.classList.add('hit');
        edge.append(wide);
      }
    }, 200);
    const tools = $('#picture-tools');
    const toggle = (words, act) => {
      const button = make('button', { type: 'button', textContent: words });
      button.setAttribute('aria-pressed', 'false');
      button.addEventListener('click', () => {
        const pressed = button.getAttribute('aria-pressed') !== 'true';
        button.setAttribute('aria-pressed', String(pressed));
        act(pressed);
      });
      tools.append(button);
    };
    toggle('Whole picture', (pressed) => svg.parentElement.classList.toggle('fit', pressed));
    toggle('Only what is not in step', (pressed) => { drifted = pressed; light(); });
  }
  let drifted = false;
  const CALM = ['in-step', 'no-pin', 'open'];
  let lightened = [undefined, undefined, false].join('&');
  const light = () => {
    const { repo, on } = asked;
    const now = [repo, on, drifted].join('&');
    if (!svg || now === lightened) return;
    lightened = now;
    const lit = new Set();
    const lightEdge = (edge) => {
      const ends = lines.get(edge);
      lit.add(edge).add(boxes.get(ends.repo)).add(boxes.get(ends.on));
    };
    if (repo && on) (above.get(repo) || []).filter((it) => lines.get(it).on === on).forEach(lightEdge);
    else if (repo) {
      lit.add(boxes.get(repo));
      [...(above.get(repo) || []), ...(below.get(repo) || [])].forEach(lightEdge);
    } else if (drifted) {
      edges.filter((it) => !CALM.some((word) => it.classList.contains(word))).forEach(lightEdge);
      for (const node of nodes) if (node.classList.contains('trouble')) lit.add(node);
    }
    svg.classList.toggle('some', Boolean((repo && boxes.has(repo)) || drifted));
    for (const it of edges) it.classList.toggle('lit', lit.has(it));
    for (const it of nodes) it.classList.toggle('lit', lit.has(it));
  };

  // Everything follows what is asked.
  const show = () => {
    const words = (asked.text || '').toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const it of findings) {
      const fit = fits(it, words);
      if (it.row.hidden === fit) it.row.hidden = !fit;
      if (fit) count += 1;
    }
    for (const [key, input] of Object.entries(fields)) {
      if (input.type === 'checkbox') input.checked = Boolean(asked[key]);
      else if (input.value.trim() !== (asked[key] || '')) input.value = asked[key] || '';
    }
    const shown = $('#shown');
    const some = count !== findings.length;
    const number = findings.length === 1 ? '1 finding' : `${findings.length} findings`;
    if (shown) shown.textContent = some ? `${count} of ${number}` : number;
    const chosen = $('#chosen');
    if (asked.repo) {
      const name = decoded(asked.repo);
      const what = asked.on ? `${name} on ${decoded(asked.on)}` : name;
      const more = make('button', { type: 'button', textContent: 'All about it' });
      more.addEventListener('click', () => reveal(asked.repo));
      const clear = make('button', { type: 'button', textContent: 'Show all again' });
      clear.addEventListener('click', () => { asked = {}; keep(); show(); if (stop) stop.focus(); });
      const see = make('a', { href: '#findings', textContent: count === 1 ? '1 finding' : `${count} findings` });
      chosen.replaceChildren(`${what}: `, see, ' shown below. ', more, ' ', clear);
    } else chosen.replaceChildren();
    light();
  };
  const reveal = (slug) => {
    const details = document.getElementById('repo=' + slug);
    if (!details) return;
    details.open = true;
    details.scrollIntoView();
    $('summary', details).focus({ preventScroll: true });
  };
  document.addEventListener('click', (event) => {
    const it = event.target.closest && event.target.closest('a[href^="#"]');
    if (!it || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const href = it.getAttribute('href');
    if (href.startsWith('#repo=')) {
      event.preventDefault();
      // The address changes without a jump: the picture stays in sight.
      try { history.pushState(null, '', href); } catch { /* As above. */ }
      asked = read();
      show();
      if (!it.closest('.p, #rows')) reveal(asked.repo);
    } else if (href.startsWith('#finding-')) {
      asked = {};
      show();
    }
  });
  const follow = () => {
    const found = read();
    if (Object.keys(found).length || !location.hash) { asked = found; show(); return true; }
    return false;
  };
  addEventListener('hashchange', follow);
  addEventListener('popstate', follow);
  if (location.hash && follow() && body) $('#findings').scrollIntoView();

  // Commands to copy.
  const copy = (text, at) => {
    if (!navigator.clipboard) return;
    const button = make('button', { type: 'button', textContent: 'Copy' });
    button.setAttribute('aria-label', 'Copy ' + (text.includes('\n') ? 'all commands' : text));
    button.addEventListener('click', () => navigator.clipboard.writeText(text).then(
      () => { button.textContent = 'Copied'; setTimeout(() => { button.textContent = 'Copy'; }, 1500); },
      () => { button.textContent = 'Select it'; },
    ));
    at.append(button);
  };
  for (const block of all('.copy')) copy($('pre', block).textContent, block);
  for (const line of all('.steps .mend')) copy($('.cmd', line).textContent, line);

  // Paper unfolds.
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = all('details:not([open])');
    for (const it of folded) it.open = true;
  });
  addEventListener('afterprint', () => { for (const it of folded) it.open = false; });
})();
