import { QueueConnection } from '@rookery/message-queue/connection';
import { launchSubject } from '@rookery/registry-protocol';
import type { Logger } from '@rookery/runtime';
import type { Launch } from './storage/launches.ts';

const timeoutMs = 2_000;

/**
 * Tells gateways of launches over NATS. It is a hint: a gateway that misses it finds the launch when it polls, so an
 * outage of NATS delays a launch and nothing else.
 */
export class Announcer implements AsyncDisposable {
  readonly #connection: QueueConnection;
  readonly #log: Logger;

  constructor(url: string, log: Logger) {
    this.#log = log.child({ subsystem: 'announcer' });
    this.#connection = new QueueConnection({ url, timeoutMs, log: this.#log });
  }

  announce({ environment, launch, version }: Launch): void {
    try {
      this.#connection.clients.nc.publish(launchSubject(environment), JSON.stringify({ launch, version }));
    } catch (error) {
      this.#log.warn(
        { error, environment, launch },
        'failed to announce a launch; gateways find it by polling',
      );
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection.close();
  }
}
