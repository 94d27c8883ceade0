import { once } from 'node:events';
import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { BSON } from 'mongodb';

/** A command as the driver sends it. */
export type MongoCommand = Readonly<Record<string, unknown>>;

export interface MongoTap extends AsyncDisposable {
  /** The same database, by way of the tap. */
  readonly url: string;
  readonly commands: MongoCommand[];
  /** Bytes that the server has sent so far. */
  readonly bytesSent: number;
}

/** Opcode of OP_MSG, and the bytes before its body: header, flags and the kind of the section. */
const opMsg = 2013;
const bodyAt = 21;
/** Kind of a section that holds one document, and of one that holds a sequence of them. */
const kinds = { body: 0, sequence: 1 } as const;

/** Passes a connection on to a MongoDB wire server and reads the commands of its clients on the way. */
export const tapMongo = async (url: string): Promise<MongoTap> => {
  const target = new URL(url);
  const commands: MongoCommand[] = [];
  const sockets = new Set<Socket>();
  let bytesSent = 0;
  const server = createServer((client) => {
    const upstream = tcpConnect(Number(target.port), target.hostname);
    let pending = Buffer.alloc(0);
    client.on('data', (chunk: Buffer) => {
      upstream.write(chunk);
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 4 && pending.length >= pending.readInt32LE(0)) {
        const size = pending.readInt32LE(0);
        const command = readCommand(pending.subarray(0, size));
        if (command) commands.push(command);
        pending = pending.subarray(size);
      }
    });
    upstream.on('data', (chunk: Buffer) => {
      bytesSent += chunk.length;
    });
    upstream.pipe(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const tapped = new URL(url);
  tapped.host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    url: tapped.href,
    commands,
    get bytesSent() {
      return bytesSent;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

/** Returns the command, with the documents of its sequences as fields, as the server sees it. */
const readCommand = (message: Buffer): MongoCommand | undefined => {
  if (message.readInt32LE(12) !== opMsg) return undefined;
  const command: Record<string, unknown> = {};
  for (let at = bodyAt - 1; at < message.length - 4; ) {
    const kind = message[at];
    const size = message.readInt32LE(at + 1);
    const section = message.subarray(at + 1, at + 1 + size);
    if (kind === kinds.body) Object.assign(command, BSON.deserialize(section));
    else if (kind === kinds.sequence) readSequence(section, command);
    else break;
    at += 1 + size;
  }
  return command;
};

const readSequence = (section: Buffer, command: Record<string, unknown>): void => {
  const end = section.indexOf(0, 4);
  const documents: unknown[] = [];
  for (let at = end + 1; at < section.length; at += section.readInt32LE(at)) {
    documents.push(BSON.deserialize(section.subarray(at, at + section.readInt32LE(at))));
  }
  command[section.subarray(4, end).toString()] = documents;
};
