import type { Logger } from '@rookery/runtime';
import type { UsageOptions } from './access.ts';
import { OpenSubscriptionReports } from './open-subscriptions.ts';
import { UsageCollector } from './usage-collector.ts';

/** Everything that the gateway reports of what clients do. Its end sends what is left of both at once. */
export class UsageReports implements AsyncDisposable {
  readonly operations: UsageCollector;
  readonly subscriptions: OpenSubscriptionReports;

  constructor(options: UsageOptions, log: Logger) {
    this.operations = new UsageCollector(options, log);
    this.subscriptions = new OpenSubscriptionReports(options, log);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.operations[Symbol.asyncDispose](), this.subscriptions[Symbol.asyncDispose]()]);
  }
}
