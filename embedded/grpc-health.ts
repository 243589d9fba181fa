import { connect } from 'node:http2';

const frontend = 'temporal.api.workflowservice.v1.WorkflowService';
const serving = 1;

/** Asks a Temporal frontend (`host:port`) by gRPC's health protocol whether it serves; an open port is not enough. */
export function isServing(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connect(`http://${address}`);
    const answer = (serves: boolean): void => {
      session.destroy();
      resolve(serves);
    };
    session.once('error', () => answer(false));
    session.setTimeout(2000, () => answer(false));

    const request = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('error', () => answer(false));
    // Five bytes of framing, then field 1 of HealthCheckResponse as a varint.
    request.once('end', () => {
      const response = Buffer.concat(chunks);
      answer(response[5] === 0x08 && response[6] === serving);
    });
    request.end(question(frontend));
  });
}

/** HealthCheckRequest with its one field, in gRPC's framing: not compressed, four bytes of length. */
function question(service: string): Buffer {
  const message = Buffer.concat([Buffer.from([0x0a, Buffer.byteLength(service)]), Buffer.from(service)]);
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  return Buffer.concat([frame, message]);
}
