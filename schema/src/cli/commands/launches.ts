import { wholeNumber } from '@rookery/command-line';
import { coordinatesAnswer } from '@rookery/registry-protocol';
import { readLaunches } from '../../registry-client/launches.ts';
import { answerLines, launchText } from '../launch-result.ts';
import { defineRegistryCommand } from '../registry-command.ts';

export const launchesCommand = defineRegistryCommand({
  name: 'launches',
  about: 'lists the launches of an environment, with the answers of its gateways',
  usage: `Lists the launches of an environment, the newest first, and which gateways serve them, refuse them, or have not answered.

  --limit N             launches, up to 200; default: 5`,
  options: { limit: { type: 'string' } },
  async run(registry, { limit = '5' }) {
    const launches = await readLaunches(registry, wholeNumber('limit', limit, 1, 200));
    const lines = launches.flatMap((one) => [
      launchText(one),
      ...(one.reason === null ? [] : [`  reason: ${one.reason}`]),
      ...answerLines(one),
    ]);
    const text =
      lines.length === 0 ? `nothing was delivered to ${registry.environment} yet` : lines.join('\n');
    return { text, data: { launches } };
  },
});

export const usageCommand = defineRegistryCommand({
  name: 'usage',
  about: 'lists how often clients use each field, argument, input field and enum value',
  usage: `Lists the elements of the API that gateways serve, with requests, clients and last use as gateways reported them.

  --days N              length of the window that ends now, up to 90; default: 30
  --unused              only those that no operation uses
  --limit N             elements in the text; default: all`,
  options: { days: { type: 'string' }, unused: { type: 'boolean' }, limit: { type: 'string' } },
  async run(registry, { days = '30', unused: onlyUnused = false, limit }) {
    const to = new Date();
    const from = new Date(to.getTime() - wholeNumber('days', days, 1, 90) * 86_400_000);
    const { used, unused } = await registry.get(registry.inEnvironment('/coordinates'), coordinatesAnswer, {
      from: from.toISOString(),
      to: to.toISOString(),
    });
    const lines = [
      ...(onlyUnused
        ? []
        : used.map(
            ({ coordinate, count, clients, lastSeen }) =>
              `${coordinate}: ${count} requests by ${clients.join(', ')}${lastSeen === null ? '' : `, last ${lastSeen.slice(0, 10)}`}`,
          )),
      ...unused.map((coordinate) => (onlyUnused ? coordinate : `${coordinate}: unused`)),
    ];
    const shown = limit === undefined ? lines : lines.slice(0, wholeNumber('limit', limit, 1));
    return {
      text: shown.join('\n'),
      data: { from: from.toISOString(), to: to.toISOString(), used: onlyUnused ? [] : used, unused },
    };
  },
});
