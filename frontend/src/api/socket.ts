/**
 * A socket that comes back by itself.
 *
 * The server starts every connection with a snapshot of absolute numbers, so a lost message or a
 * reconnect needs no repair here: whoever listens takes the snapshot and goes on.
 */

export type SocketState = 'connecting' | 'open' | 'lost' | 'refused';

export interface SocketOptions<T> {
  onMessage: (message: T) => void;
  onState?: (state: SocketState) => void;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** Codes by which the server says that trying again is of no use. */
const REFUSED = new Set([4401, 4403, 4404]);

/** Opens `path` on this host; returns the function that closes it for good. */
export function openSocket<T>(path: string, { onMessage, onState }: SocketOptions<T>): () => void {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = FIRST_PAUSE;
  let closed = false;

  const connect = () => {
    timer = undefined;
    onState?.('connecting');
    const { protocol, host } = window.location;
    socket = new WebSocket(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}${path}`);
    socket.onopen = () => {
      pause = FIRST_PAUSE;
      onState?.('open');
    };
    socket.onmessage = (event: MessageEvent<string>) => onMessage(JSON.parse(event.data) as T);
    socket.onclose = (event) => {
      if (closed) return;
      if (REFUSED.has(event.code)) {
        onState?.('refused');
        return;
      }
      onState?.('lost');
      timer = setTimeout(connect, pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    };
  };

  const hurry = () => {
    if (timer === undefined) return;
    clearTimeout(timer);
    connect();
  };

  connect();
  window.addEventListener('online', hurry);
  return () => {
    closed = true;
    clearTimeout(timer);
    window.removeEventListener('online', hurry);
    const last = socket;
    if (!last) return;
    last.onmessage = null;
    // Closed while it connects, the browser would complain of a failure: it is closed once it is open.
    if (last.readyState === WebSocket.CONNECTING) last.onopen = () => last.close();
    else last.close();
  };
}
