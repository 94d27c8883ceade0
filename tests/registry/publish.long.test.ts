import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startRegistry } from './start-registry.ts';

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n';

test('concurrent publications to several replicas lose nothing: each is based on the one before', async () => {
  await using one = await startRegistry();
  await using other = await startRegistry({ of: one });
  const names = ['a', 'b', 'c', 'd'] as const;
  const step = fc.record({ replica: fc.nat(1), name: fc.constantFrom(...names), field: fc.nat(3) });
  let expected = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 6 }), async (steps) => {
      const answers = await Promise.all(
        steps.map(async ({ replica, name, field }) => {
          const sdl = `${link}type Query { ${name}${field}: Int }`;
          const { status, body } = await (replica === 0 ? one : other).publish({ [name]: sdl });
          expect([200, 201]).toContain(status);
          return { ...body, name, field };
        }),
      );
      const created = answers.filter((answer) => answer.created).sort((a, b) => a.version - b.version);
      expect(new Set(created.map(({ version }) => version)).size).toBe(created.length);
      // Played in the order of their versions, they lead to the state that is stored.
      const played = new Map(expected);
      for (const { name, field } of created) played.set(name, field);
      const [head] = (await one.ask('/v1/versions?limit=1')).body.versions;
      const { contents } = (await one.ask(`/v1/versions/${head.version}`)).body;
      const stored = new Map(
        contents.map(({ name, sdl }: { name: string; sdl: string }) => [
          name,
          Number(/\{ \w(\d)/.exec(sdl)?.[1]),
        ]),
      );
      expect(stored).toEqual(played);
      for (const { version, base } of created) expect(base ?? 0).toBe(version - 1);
      expected = played;
    }),
    { numRuns: 25 },
  );
});
