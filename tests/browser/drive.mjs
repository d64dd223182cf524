// Opens pages of `cascade drift` in a real Chromium and holds them to what they promise.
//
//   node drive.mjs MODULES CHROMIUM PAGES PICTURES
//
// MODULES has puppeteer-core and axe-core, PAGES has small.html, hostile.html and many.html; pictures
// of what was seen go to PICTURES. Says `ok CHECK` or `failed CHECK` for each, ends with 1 after a
// failure.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, chromium, pages, pictures] = process.argv.slice(2);
const require = createRequire(join(modules, 'package.json'));
const puppeteer = require('puppeteer-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
mkdirSync(pictures, { recursive: true });

const browser = await puppeteer.launch({
  executablePath: chromium,
  headless: true,
  // A container runs as root, which the sandbox refuses; the pages are our own.
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
  protocolTimeout: 240_000,
});

/// Opens a page, and returns it with all that it did that a report must not do.
async function open(name, { width = 1280, height = 900, scheme = 'light', script = true, hash = '' } = {}) {
  const page = await browser.newPage();
  const address = pathToFileURL(join(pages, `${name}.html`)).href;
  const misdeeds = [];
  page.on('dialog', (it) => { misdeeds.push(`dialog: ${it.message()}`); it.dismiss(); });
  page.on('pageerror', (it) => misdeeds.push(`error: ${it.message}`));
  page.on('console', (it) => misdeeds.push(`console: ${it.text()}`));
  await page.setRequestInterception(true);
  page.on('request', (it) => {
    const own = it.url() === address + hash || it.url() === address || it.url().startsWith('data:image/svg+xml,');
    if (!own) misdeeds.push(`request: ${it.url()}`);
    own ? it.continue() : it.abort();
  });
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.setJavaScriptEnabled(script);
  await page.goto(address + hash, { waitUntil: 'load' });
  if (script) await settled(page);
  return { page, misdeeds };
}

const settled = (page) => page.evaluate(() => new Promise((done) =>
  requestAnimationFrame(() => setTimeout(done, 250))));

/// Takes a picture, and requires that there is something on it.
async function picture(page, name, fullPage = false) {
  const path = join(pictures, `${name}.png`);
  await page.screenshot({ path, fullPage });
  assert.ok(statSync(path).size > 10_000, `${name} is blank`);
}

const shown = (page) => page.$$eval('#rows tr', (rows) => rows.filter((it) => it.offsetHeight > 0).length);
const checks = [];
const check = (name, run) => checks.push([name, run]);

for (const scheme of ['light', 'dark']) {
  for (const width of [360, 1280]) {
    for (const name of ['small', 'hostile']) {
      check(`axe finds nothing: ${name}, ${scheme}, ${width} px`, async () => {
        const { page, misdeeds } = await open(name, { width, scheme });
        await page.$$eval('details', (all) => all.forEach((it) => { it.open = true; }));
        // Rows that are not in sight are not painted, and axe looks at what is.
        await page.$$eval('#rows tr, .repos > details', (all) => all.forEach((it) => { it.style.contentVisibility = 'visible'; }));
        await picture(page, `${name}-${scheme}-${width}`, true);
        await page.evaluate(axe);
        const found = await page.evaluate(() => axe.run(document, {
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        }));
        const told = found.violations.map((it) =>
          `${it.id}: ${it.help}\n` + it.nodes.slice(0, 4).map((at) => `    ${at.html.slice(0, 160)}\n    ${at.failureSummary}`).join('\n'));
        assert.equal(told.length, 0, told.join('\n'));
        assert.ok(found.passes.length > 20, 'axe looked');
        assert.deepEqual(misdeeds, []);
        await page.close();
      });
    }
  }
}

for (const width of [360, 1280, 2000]) {
  check(`nothing is wider than ${width} px`, async () => {
    for (const name of ['small', 'hostile', 'many']) {
      const { page } = await open(name, { width });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${name}: ${wide} px`);
      await picture(page, `${name}-at-${width}`);
      await page.close();
    }
  });
}

check('hostile text stays text, whatever is clicked', async () => {
  const { page, misdeeds } = await open('hostile');
  const links = await page.$$('a, summary, th button');
  for (const link of links) await link.evaluate((it) => it.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true })));
  for (const line of await page.$$('.p a')) {
    await line.evaluate((it) => it.dispatchEvent(new PointerEvent('pointerover', { bubbles: true })));
  }
  await settled(page);
  assert.deepEqual(misdeeds, []);
  const strange = await page.$$eval('*', (all) => all.filter((it) =>
    ['IMG', 'IFRAME', 'BASE', 'OBJECT', 'EMBED', 'FORM'].includes(it.tagName) && it.id !== 'filters' ||
    [...it.attributes].some((at) => at.name.startsWith('on') || at.name === 'style') && it.id !== 'tip' ||
    ['href', 'src', 'action'].some((name) => !/^(#|data:image|$)/.test(it.getAttribute(name) || ''))).length);
  assert.equal(strange, 0);
  assert.equal(await page.$$eval('script, style', (all) => all.length), 2);
  await page.close();
});

check('the policy refuses what a page might be made to hold', async () => {
  const { page, misdeeds } = await open('small');
  await page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', '<img src="https://registry.example/x.png" onerror="alert(1)">');
    const script = document.createElement('script');
    script.textContent = 'alert(2)';
    document.body.append(script);
  });
  await settled(page);
  const refused = misdeeds.filter((it) => it.startsWith('console:') && it.includes('Content Security Policy'));
  assert.ok(refused.length >= 2, misdeeds.join('\n'));
  assert.deepEqual(misdeeds.filter((it) => !it.startsWith('console:')), []);
  await page.close();
});

check('without a script every finding can be read', async () => {
  const { page, misdeeds } = await open('many', { script: false });
  const text = await page.evaluate(() => [...document.querySelectorAll('#rows tr')].map((it) => (it.offsetHeight > 0 ? it.textContent : '')));
  assert.ok(text.length >= 500);
  assert.ok(text.every((it) => /pin-excluded|pin-behind|lock-contradicts/.test(it)));
  assert.equal(await page.$$eval('form, button', (all) => all.filter((it) => it.offsetHeight > 0).length), 0);
  const all = await page.$$eval('.repos > details', (them) => them.length);
  assert.equal(all, 500);
  assert.deepEqual(misdeeds, []);
  await picture(page, 'without-script');
  await page.close();
});

check('a head sorts, and says so', async () => {
  const { page } = await open('many');
  const ages = () => page.$$eval('#rows tr', (rows) => rows.map((it) => Number(it.dataset.t)));
  await page.click('th[data-k=age] button');
  const up = await ages();
  assert.deepEqual(up, [...up].sort((a, b) => a - b));
  assert.equal(await page.$eval('th[data-k=age]', (it) => it.getAttribute('aria-sort')), 'ascending');
  await page.focus('th[data-k=age] button');
  await page.keyboard.press('Enter');
  const down = await ages();
  assert.deepEqual(down, [...up].sort((a, b) => b - a));
  assert.equal(await page.$eval('th[data-k=age]', (it) => it.getAttribute('aria-sort')), 'descending');
  await page.click('th[data-k=severity] button');
  assert.equal(await page.$$eval('th[aria-sort]', (all) => all.length), 1);
  const words = await page.$$eval('#rows tr', (rows) => rows.map((it) => it.dataset.s));
  assert.equal(words[0], 'block');
  assert.equal(words.at(-1), 'info');
  await page.close();
});

check('filters narrow the table, add up, and live in the address', async () => {
  const { page, misdeeds } = await open('many');
  const all = await shown(page);
  await page.select('#filters [name=severity]', 'warn');
  await settled(page);
  const warned = await shown(page);
  assert.ok(warned > 0 && warned < all);
  await page.type('#filters [name=text]', 'acme-0042');
  await settled(page);
  assert.equal(await shown(page), 1);
  assert.match(await page.$eval('#shown', (it) => it.textContent), /^1 of \d+ findings$/);
  const hash = await page.evaluate(() => location.hash);
  assert.match(hash, /severity=warn/);
  assert.match(hash, /text=acme-0042/);
  await page.close();
  const again = await open('many', { hash });
  assert.equal(await shown(again.page), 1);
  await again.page.click('#filters button');
  await settled(again.page);
  assert.equal(await shown(again.page), all);
  assert.deepEqual([...misdeeds, ...again.misdeeds], []);
  await again.page.close();
});

check('only what is new', async () => {
  const { page } = await open('small');
  await page.click('#filters [name=new]');
  await settled(page);
  assert.equal(await shown(page), 1);
  await page.select('#filters [name=severity]', 'warn');
  await settled(page);
  assert.equal(await shown(page), 0);
  await page.close();
});

check('a box and a line filter, and the way back is kept', async () => {
  const { page, misdeeds } = await open('small');
  const all = await shown(page);
  await page.click('.p a.n[href="#repo=app"]');
  await settled(page);
  assert.equal(await shown(page), 2);
  assert.equal(await page.evaluate(() => location.hash), '#repo=app');
  assert.match(await page.$eval('#chosen', (it) => it.textContent), /^app: 2 findings/);
  assert.ok(await page.$eval('.stage svg', (it) => it.classList.contains('some')));
  const middle = await page.$eval('.p a.e.excluded path', (it) => {
    const at = it.getPointAtLength(it.getTotalLength() / 2).matrixTransform(it.getScreenCTM());
    return [at.x, at.y];
  });
  await page.mouse.click(...middle);
  await settled(page);
  assert.equal(await page.evaluate(() => location.hash), '#repo=app&on=urn');
  await page.goBack();
  await settled(page);
  assert.equal(await page.evaluate(() => location.hash), '#repo=app');
  await page.goBack();
  await settled(page);
  assert.equal(await shown(page), all);
  assert.deepEqual(misdeeds, []);
  await page.close();
});

check('a line that is hovered tells its pins', async () => {
  const { page } = await open('small');
  await page.hover('.p a.e.lock-contradicts text');
  const told = await page.$eval('#tip', (it) => (it.hidden ? '' : it.innerText));
  assert.match(told, /kettle on leaf: lock contradicts/);
  assert.match(told, /pyproject\.toml:7 ==1\.2\.0/);
  assert.match(told, /61 d/);
  await picture(page, 'hovered');
  await page.close();
});

check('the keyboard reaches every box and every line', async () => {
  const { page, misdeeds } = await open('small');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  const seen = new Set();
  const here = () => page.evaluate(() => {
    const it = document.activeElement;
    return it.closest('.p') ? it.getAttribute('href') : '';
  });
  for (let at = 0; at < 60 && !(await here()); at += 1) await page.keyboard.press('Tab');
  assert.match(await here(), /^#repo=/);
  const told = await page.$eval('#tip', (it) => (it.hidden ? '' : it.innerText));
  assert.ok(told.length > 0, 'what has the focus is told');
  for (const key of ['Home', 'ArrowRight', 'ArrowDown', 'ArrowUp', 'ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Home', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'End', 'ArrowUp']) {
    await page.keyboard.press(key);
    seen.add(await here());
  }
  const links = await page.$$eval('.p a', (all) => all.map((it) => it.getAttribute('href')));
  assert.deepEqual([...seen].sort(), links.sort());
  assert.equal(await page.$$eval('.p a[tabindex="0"]', (all) => all.length), 1);
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await settled(page);
  assert.equal(await page.evaluate(() => location.hash), '#repo=app');
  await page.keyboard.press('Escape');
  await settled(page);
  assert.equal(await shown(page), 3);
  await picture(page, 'focus');
  assert.deepEqual(misdeeds, []);
  await page.close();
});

check('paper has everything', async () => {
  const { page } = await open('small');
  await page.pdf({ path: join(pictures, 'small.pdf'), format: 'A4' });
  assert.ok(statSync(join(pictures, 'small.pdf')).size > 20_000);
  await page.emulateMediaType('print');
  const hidden = await page.$$eval('nav, .scripted, .skip', (all) => all.filter((it) => it.offsetHeight > 0).length);
  assert.equal(hidden, 0);
  await page.close();
});

check('five hundred repositories', async () => {
  const size = statSync(join(pages, 'many.html')).size;
  assert.ok(size < 3_000_000, `${size} bytes`);
  for (const name of ['small', 'many', 'many', 'many']) {
    const { page, misdeeds } = await open(name);
    const told = await page.evaluate(() => {
      const [all] = performance.getEntriesByType('navigation');
      const paint = performance.getEntriesByName('first-contentful-paint')[0];
      const ms = (it) => Math.round(it);
      return `first paint ${ms(paint.startTime)} ms, parsed ${ms(all.domInteractive)} ms, loaded ${ms(all.loadEventEnd)} ms, ` +
        `${document.getElementsByTagName('*').length} elements`;
    });
    const filtered = await page.evaluate(() => new Promise((done) => {
      const field = document.querySelector('#filters [name=text]');
      const from = performance.now();
      field.value = 'acme-004';
      field.dispatchEvent(new Event('input', { bubbles: true }));
      requestAnimationFrame(() => requestAnimationFrame(() => done(Math.round(performance.now() - from))));
    }));
    console.log(`  ${name}: ${told}, filtered in ${filtered} ms`);
    assert.deepEqual(misdeeds, []);
    await page.close();
  }
  console.log(`  ${size} bytes`);
});

const only = process.env.ONLY;
let failed = 0;
for (const [name, run] of checks.filter(([name]) => !only || name.includes(only))) {
  try {
    await run();
    console.log(`ok ${name}`);
  } catch (why) {
    failed += 1;
    console.log(`failed ${name}\n${why.message}\n${why.stack?.split('\n').filter((it) => it.includes('drive.mjs')).slice(0, 3).join('\n')}`);
  }
  const opened = await browser.pages();
  await Promise.all(opened.slice(1).map((it) => it.close()));
}
await browser.close();
process.exit(failed ? 1 : 0);
