import { type Envelope, type EventData, type EventName, eventKinds } from '@rookery/schema/events';

/** Time of the first event; the network grows from there. */
const startsAt = Date.UTC(2026, 0, 1);
/** Longest time between two events: 1.5 million of them take two and a half days. */
const maxPauseMs = 300;

const types = Object.fromEntries(
  Object.values(eventKinds).map(({ name, version }) => [name, `${name}.v${version}`]),
) as Readonly<Record<EventName, string>>;

/** An event before it has a time. An event without a subject is its own, as a sign-up and a post are. */
interface NewEvent<N extends EventName> {
  readonly name: N;
  readonly actor?: string;
  readonly subject?: string;
  readonly data: EventData<N>;
}

/** Makes events at growing times, with ids of UUID version 7 (RFC 9562): all of it from the given numbers. */
export class EventMaker {
  readonly #random: () => number;
  #time = startsAt;

  /** @param random returns numbers from 0 up to 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Not validated, which would take longer than everything else: a test does it. */
  make<N extends EventName>({ name, actor, subject, data }: NewEvent<N>): Envelope {
    this.#time += 1 + Math.floor(this.#random() * maxPauseMs);
    const id = this.#id();
    return {
      specversion: '1.0',
      source: 'rookery/mutation',
      type: types[name],
      datacontenttype: 'application/json',
      id,
      subject: subject ?? id,
      actor: actor ?? id,
      time: new Date(this.#time).toISOString(),
      data,
    };
  }

  #id(): string {
    const time = this.#time.toString(16).padStart(12, '0');
    const [a, b, c] = [this.#bits(12), this.#bits(14), this.#bits(32)];
    return [
      time.slice(0, 8),
      time.slice(8),
      (0x7000 | a).toString(16),
      (0x8000 | b).toString(16),
      `${c.toString(16).padStart(8, '0')}${this.#bits(16).toString(16).padStart(4, '0')}`,
    ].join('-');
  }

  #bits(count: number): number {
    return Math.floor(this.#random() * 2 ** count);
  }
}
