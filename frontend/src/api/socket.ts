/**
 * A socket that comes back by itself.
 *
 * The server starts every connection with a snapshot of absolute numbers, so a lost message or a
 * reconnect needs no repair here: whoever listens takes the snapshot and goes on.
 */

export type SocketState = 'connecting' | 'open' | 'lost' | 'refused';

/** Closes the socket for good when called; `send` says something while it is open. */
export type Socket = (() => void) & { send: (message: unknown) => void };

export interface SocketOptions<T> {
  onMessage: (message: T) => void;
  onState?: (state: SocketState) => void;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** Codes by which the server says that trying again is of no use. */
const REFUSED = new Set([4401, 4403, 4404]);

/** Opens `path` on this host. */
export function openSocket<T>(path: string, { onMessage, onState }: SocketOptions<T>): Socket {
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
  const close = () => {
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
  return Object.assign(close, {
    send: (message: unknown) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
  });
}
