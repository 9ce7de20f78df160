// Measures the time between frames and the long tasks until it is asked; answers in milliseconds.
() => {
  const times = [];
  const long = [];
  let last = performance.now();
  let running = true;
  const watch = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) long.push(entry.duration);
  });
  watch.observe({ type: 'longtask' });
  const tick = (now) => {
    times.push(now - last);
    last = now;
    if (running) requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  window.__frames = () => {
    running = false;
    watch.disconnect();
    return { times: times.slice(1), long };
  };
}
