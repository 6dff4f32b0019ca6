import { toErrorData, WinnowError } from '../engine/support/errors.js';

type Line = MessagePort | DedicatedWorkerGlobalScope;

/** What Comlink needs of a line. */
interface Endpoint {
  addEventListener(type: string, listener: EventListenerOrEventListenerObject): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject): void;
  postMessage(message: unknown, transfer?: Transferable[]): void;
  start(): void;
}

/**
 * Lets through to Comlink what is a call of one of the methods, all of whose arguments are plain values. Comlink itself would walk any
 * path from the served object on (`add.constructor`), set properties, construct, wrap ports that come as arguments, and close the line.
 * What asks for an answer is told that it is refused; what is no call at all is passed over.
 */
export function guarded(line: Line, methods: ReadonlySet<string>): Endpoint {
  return {
    addEventListener(_, listener) {
      line.addEventListener('message', (event) => {
        const { data } = event as MessageEvent<unknown>;
        if (isCall(data, methods)) (listener as EventListener)(event);
        else refuse(line, data);
      });
    },
    // Comlink asks only where it is released, which does not get through.
    removeEventListener() {},
    postMessage: (message, transfer = []) => line.postMessage(message, transfer),
    start() {
      if ('start' in line) line.start();
    },
  };
}

function isCall(data: unknown, methods: ReadonlySet<string>): boolean {
  const { id, type, path, argumentList } = fields(data);
  return (
    isId(id) && type === 'APPLY' &&
    Array.isArray(path) && path.length === 1 && typeof path[0] === 'string' && methods.has(path[0]) &&
    Array.isArray(argumentList) && argumentList.length < 20 && argumentList.every((argument) => fields(argument).type === 'RAW')
  );
}

/** In Comlink's form of something thrown. */
function refuse(line: Line, data: unknown): void {
  const { id } = fields(data);
  if (!isId(id)) return;
  const error = toErrorData(new WinnowError('call-invalid', { why: 'A worker was sent what is no call of its own methods' }));
  line.postMessage({ id, type: 'HANDLER', name: 'throw', value: { isError: false, value: error } });
}

const isId = (id: unknown): boolean => typeof id === 'string' && id.length > 0 && id.length < 200;

function fields(value: unknown): Partial<Record<'id' | 'type' | 'path' | 'argumentList', unknown>> {
  return typeof value === 'object' && value !== null ? value : {};
}
