import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A Prometheus that makes up its past: what each query gives at an instant (milliseconds); undefined is no data. */
export interface FakePrometheus {
  url: string;
  /** How often it was asked. */
  asked(): number;
  gives(value: (query: string, at: number) => number | undefined): void;
  /** Answers nothing but errors until it is well again. */
  fails(isDown: boolean): void;
  stop(): Promise<void>;
}

export async function startFakePrometheus(): Promise<FakePrometheus> {
  let value: (query: string, at: number) => number | undefined = () => undefined;
  let isDown = false;
  let asked = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      asked += 1;
      const form = new URLSearchParams(Buffer.concat(parts).toString('utf8'));
      const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(form.get(name)));
      const values: [number, string][] = [];
      for (let at = start!; at <= end!; at += step!) {
        const found = value(form.get('query') ?? '', at * 1000);
        if (found !== undefined) values.push([at, String(found)]);
      }
      const result = values.length === 0 ? [] : [{ metric: {}, values }];
      response
        .writeHead(isDown ? 503 : 200, { 'content-type': 'application/json' })
        .end(isDown ? '' : JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    gives: (next) => void (value = next),
    fails: (next) => void (isDown = next),
    stop: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
