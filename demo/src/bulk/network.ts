import type { Envelope } from '@rookery/schema/events';
import { numbersFrom, powerLawJoins } from '../power-law.ts';
import { Activity } from './activity.ts';
import { EventMaker } from './event-maker.ts';

export interface NetworkOptions {
  readonly people: number;
  /** Default 1. The same options give the same events. */
  readonly seed?: number;
  /** Additional people, by the number of accounts that each follows; at most as many as there are. */
  readonly readers?: readonly number[];
  /**
   * Number of posts and shares of each chronicler: accounts that write evenly while the network grows, and whom every reader
   * follows, so that a feed of 10 followings is as long as any, and has as many replies and shares. Default 150.
   */
  readonly chronicle?: number;
}

/** The people of whom a visitor or a measurement wants to know. */
interface NetworkHandles {
  /** The person with most followers, whose first post has most likes. */
  readonly mostFollowed: string;
  /** A person with few followers. */
  readonly ordinary: string;
  /** In the order of the options. */
  readonly readers: readonly string[];
}

/** A network of people as the events that brought it about. */
export interface Network {
  readonly handles: NetworkHandles;
  /** Id of the first post, which has most likes. */
  readonly hottestPost: string;
  /** Number of events, within a few percent. */
  readonly expectedEvents: number;
  /** Yields all events in the order of their times; each call starts over. */
  batches(size: number): Generator<Envelope[], void, void>;
}

/** Each newcomer follows fewer people than in the small network, so that there is more to read than people. */
const habits = { followsEach: 5, followsBack: 0.25 } as const;
/** Other acts for each newcomer, by anyone who is there. */
const actsEach = 8;
/** Share of the newcomers who also follow the first person and like that person's first post. */
const fans = 0.2;
/** Number of chroniclers. */
const chroniclers = 10;

/** Mean number of events for each person: the sign-up, follows, acts, and those of a fan. */
const eventsEach = 1 + habits.followsEach * (1 + habits.followsBack) + actsEach + 2 * fans;

/** Returns a network with a power-law number of followers; its events are made on demand. */
export const createNetwork = ({
  people,
  seed = 1,
  readers = [],
  chronicle = 150,
}: NetworkOptions): Network => {
  const prefix = `net${people}`;
  const digits = String(people).length;
  const handleOf = (i: number): string => `${prefix}_${String(i + 1).padStart(digits, '0')}`;
  const readerHandles = readers.map((followings, i) => `${prefix}_r${followings}_${i + 1}`);
  const plan: Plan = { people, readers, chronicle, handleOf, readerHandles, prefix };
  return {
    handles: {
      mostFollowed: handleOf(0),
      ordinary: handleOf(Math.floor(people / 2)),
      readers: readerHandles,
    },
    get hottestPost() {
      const post = eventsOf(plan, seed).find(({ type }) => type.startsWith('rookery.post.published.'));
      return post?.id ?? '';
    },
    expectedEvents: Math.round(
      people * eventsEach +
        chroniclers * (1 + chronicle) +
        readers.reduce((sum, followings) => sum + 1 + Math.min(followings, people), 0),
    ),
    *batches(size) {
      let batch: Envelope[] = [];
      for (const event of eventsOf(plan, seed)) {
        batch.push(event);
        if (batch.length < size) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    },
  };
};

interface Plan {
  readonly people: number;
  readonly readers: readonly number[];
  readonly chronicle: number;
  readonly handleOf: (i: number) => string;
  readonly readerHandles: readonly string[];
  readonly prefix: string;
}

function* eventsOf(plan: Plan, seed: number): Generator<Envelope, void, void> {
  const random = numbersFrom(seed * 7_919 + plan.people);
  const maker = new EventMaker(random);
  const activity = new Activity(maker, random);
  const writers: string[] = [];
  for (let i = 1; i <= chroniclers; i++) {
    const event = signUp(maker, `${plan.prefix}_c${i}`, `Chronicler ${i} of ${plan.people}`);
    writers.push(event.id);
    yield event;
  }
  yield* growth(plan, { maker, activity, random, writers });
  yield* readersOf(plan, { maker, activity, writers });
}

interface Cast {
  readonly maker: EventMaker;
  readonly activity: Activity;
  readonly random: () => number;
  /** Ids of the chroniclers. */
  readonly writers: readonly string[];
}

const signUp = (maker: EventMaker, handle: string, name: string): Envelope =>
  maker.make({ name: 'rookery.user.signed-up', data: { handle, name } });

/** People join one by one, while everybody who is there is active. */
function* growth(
  { people, chronicle, handleOf }: Plan,
  { maker, activity, random, writers }: Cast,
): Generator<Envelope, void, void> {
  let written = 0;
  let joined = 0;
  for (const follows of powerLawJoins(people, random, habits)) {
    const newcomer = signUp(maker, handleOf(joined), `Person ${joined + 1} of ${people}`);
    activity.join(newcomer.id);
    yield newcomer;
    for (const [from, to] of follows) yield activity.follow(from, to);
    if (joined > 0 && random() < fans) yield* activity.admire(joined, 0);
    for (let i = 0; i < actsEach; i++) yield activity.act();
    joined += 1;
    for (; written < Math.floor((writers.length * chronicle * joined) / people); written++)
      yield activity.write(writers[written % writers.length] ?? '');
  }
}

/** Readers follow the chroniclers, and people spread evenly over the network: others for each reader. */
function* readersOf(
  { people, readers, readerHandles }: Plan,
  { maker, activity, writers }: Omit<Cast, 'random'>,
): Generator<Envelope, void, void> {
  for (const [i, followings] of readers.entries()) {
    const reader = signUp(maker, readerHandles[i] ?? '', `Reader ${i + 1} of ${people}`);
    yield reader;
    const others = Math.max(0, Math.min(followings, people) - writers.length);
    const chosen = Array.from({ length: others }, (_, k) =>
      activity.person((Math.floor((k * people) / others) + i) % people),
    );
    for (const subject of [...writers, ...chosen].slice(0, followings))
      yield maker.make({ name: 'rookery.user.followed', actor: reader.id, subject, data: {} });
  }
}
