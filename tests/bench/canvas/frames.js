// Measures the time between frames until `stop` is called; answers with the times in milliseconds.
() => {
  const times = [];
  let last = performance.now();
  let running = true;
  const tick = (now) => {
    times.push(now - last);
    last = now;
    if (running) requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  window.__frames = () => {
    running = false;
    return times.slice(1);
  };
}
