// Runs inside a report, in a frame of the width that is looked at; tells its parent what is cut off or overlaps.
addEventListener('load', () => {
  const wrong = [];
  const root = document.documentElement;
  document.querySelectorAll('.hospital').forEach(e => e.style.contentVisibility = 'visible');
  document.querySelectorAll('details').forEach(e => e.open = true);
  if (root.scrollWidth > root.clientWidth) wrong.push('the page is wider than the window: ' + root.scrollWidth);
  const folded = innerWidth <= 800;
  for (const e of document.querySelectorAll('body *')) {
    if (e.closest('svg') || (folded && e.closest('.stack thead')) || e.clientWidth < 2) continue;
    const style = getComputedStyle(e);
    if (style.display !== 'inline' && e.scrollWidth > e.clientWidth + 1 && !(style.overflowX === 'auto' && e.tabIndex === 0))
      wrong.push('cut off: ' + e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 40));
  }
  for (const chart of document.querySelectorAll('svg.chart')) {
    const texts = [...chart.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]).filter(t => t[1].width);
    texts.forEach(([words, a], i) => {
      if (a.left < 0 || a.right > root.clientWidth) wrong.push('off the page: ' + words);
      for (const [others, b] of texts.slice(i + 1))
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2)
          wrong.push('overlap: ' + words + ', ' + others);
    });
    if (chart.getAttribute('role') !== 'img' || !chart.querySelector('title')) wrong.push('a chart that says nothing');
  }
  let level = 0;
  for (const heading of document.querySelectorAll('h1,h2,h3,h4')) {
    if (+heading.tagName[1] > level + 1) wrong.push('heading out of order: ' + heading.textContent);
    level = +heading.tagName[1];
  }
  for (const link of document.querySelectorAll('a[href^="#"]'))
    if (!document.getElementById(link.hash.slice(1))) wrong.push('leads nowhere: ' + link.hash);
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  if (new Set(ids).size !== ids.length) wrong.push('an id twice');
  const asked = performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.startsWith('data:'));
  if (asked.length) wrong.push('requests: ' + asked);
  parent.postMessage({ frame: name, wrong }, '*');
});
