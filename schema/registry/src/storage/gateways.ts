import type { LaunchAnswer } from '@rookery/registry-protocol';
import type { Database, Queryable } from './database.ts';
import { isoTime } from './iso-time.ts';
import { currentLaunch, type Launch, listLaunches } from './launches.ts';
import { enqueueEvent } from './webhooks.ts';

/** A gateway that was not heard of for this time does not run any more. */
const liveFor = '90 seconds';
/** A gateway that was not heard of for this time is forgotten. */
const rememberedFor = '1 day';
/** Gateways of one environment; more would be somebody's mistake. */
const maxGateways = 10_000;

const prune = async (client: Queryable, environment: string): Promise<void> => {
  await client.query(
    `delete from registry.gateways where environment = $1 and seen_at < now() - interval '${rememberedFor}'`,
    [environment],
  );
};

/** Notes that a gateway runs, and how a launch ended there. The first answer to a launch is changed by a later one. */
export const noteAnswer = (
  database: Database,
  environment: string,
  gateway: string,
  { launch, serves, outcome, reason }: LaunchAnswer,
): Promise<void> =>
  database.transaction(async (client) => {
    const { rowCount } = await client.query(
      `insert into registry.gateways (environment, gateway, serves)
       select $1, $2, $3 where (select count(*) from registry.gateways where environment = $1) < ${maxGateways}
       on conflict (environment, gateway) do update set serves = excluded.serves, seen_at = now()`,
      [environment, gateway, serves],
    );
    if (rowCount === 0) return;
    const current = await currentLaunch(client, environment);
    const { rows } = await client.query<{ launch: number }>(
      `insert into registry.launch_answers (environment, launch, gateway, outcome, reason)
       select environment, launch, $3, $4, $5 from registry.launches where environment = $1 and launch = $2
       on conflict (environment, launch, gateway)
       do update set outcome = excluded.outcome, reason = excluded.reason, answered_at = now()
       where launch_answers.outcome <> excluded.outcome
          or launch_answers.reason is distinct from excluded.reason
       returning launch::int`,
      [environment, launch ?? current?.launch ?? 0, gateway, outcome, reason ?? null],
    );
    // Only a new answer returns a row: gateways repeat theirs.
    for (const answered of outcome === 'refused' ? rows : [])
      await enqueueEvent(client, 'launch.refused', {
        environment,
        ...answered,
        gateway,
        reason: reason ?? null,
      });
    await prune(client, environment);
  });

interface GatewayAnswer {
  readonly gateway: string;
  readonly outcome: 'served' | 'refused';
  readonly reason: string | null;
  readonly answeredAt: string;
}

export interface LaunchState extends Launch {
  readonly answers: readonly GatewayAnswer[];
  /** Gateways that run and have not answered. */
  readonly missing: readonly string[];
  /** True if every gateway that runs has answered; undefined for a launch that another one has replaced. */
  readonly done: boolean | undefined;
}

/** Returns the launches of an environment, the newest first, with the answers of the gateways. */
export const launchStates = async (
  database: Database,
  environment: string,
  limit: number,
): Promise<LaunchState[]> => {
  const launches = await listLaunches(database, environment, limit);
  const answers = await database.query<GatewayAnswer & { launch: number }>(
    `select launch::int, gateway, outcome, reason,
            ${isoTime('answered_at', 'answeredAt')}
     from registry.launch_answers where environment = $1 and launch = any($2) order by gateway`,
    [environment, launches.map(({ launch }) => launch)],
  );
  const live = await database.query<{ gateway: string }>(
    `select gateway from registry.gateways
     where environment = $1 and seen_at > now() - interval '${liveFor}' order by gateway`,
    [environment],
  );
  return launches.map((one, index) => {
    const own = answers
      .filter(({ launch }) => launch === one.launch)
      .map(({ launch: _, ...answer }) => answer);
    const answered = new Set(own.map(({ gateway }) => gateway));
    const isCurrent = index === 0;
    const missing = isCurrent ? live.map(({ gateway }) => gateway).filter((name) => !answered.has(name)) : [];
    return { ...one, answers: own, missing, done: isCurrent ? missing.length === 0 : undefined };
  });
};
