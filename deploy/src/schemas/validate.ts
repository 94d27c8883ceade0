import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { type Manifest, titleOf } from '../manifest.ts';
import type { ApiSchemas } from './prune.ts';

/** Versions of Kubernetes against which manifests are validated. */
const kubernetesVersions = ['1.30', '1.37'] as const;

const read = (name: string): ApiSchemas =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'generated', `${name}.json`), 'utf8')) as ApiSchemas;

const compile = ({ kinds, $defs }: ApiSchemas): ReadonlyMap<string, ValidateFunction> => {
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    logger: false,
    validateFormats: false,
    unicodeRegExp: false,
  });
  ajv.addSchema({ $id: 'api', $defs });
  return new Map(
    Object.entries(kinds).map(([kind, name]) => [kind, ajv.compile({ $ref: `api#/$defs/${name}` })]),
  );
};

/**
 * Returns what the API servers of all these versions would refuse, unknown fields included.
 * @param unchecked kinds without a schema here, which are valid by definition
 */
export const createValidator = (unchecked: readonly string[] = []) => {
  const custom = compile(read('custom-resources'));
  const versions = kubernetesVersions.map(
    (version) => [version, compile(read(`kubernetes-${version}`))] as const,
  );
  return (of: Manifest): string[] => {
    const key = `${of.apiVersion} ${of.kind}`;
    if (unchecked.includes(key)) return [];
    return versions.flatMap(([version, native]) => {
      const validate = native.get(key) ?? custom.get(key);
      if (validate === undefined) return [`${titleOf(of)}: no schema of ${key} in Kubernetes ${version}`];
      validate(of);
      return (validate.errors ?? []).map(({ instancePath, message, params }) => {
        const [field] = Object.values(params as Record<string, unknown>).filter(
          (value) => typeof value === 'string',
        );
        return `${titleOf(of)}: ${instancePath || '/'} ${message}${field === undefined ? '' : ` (${field})`} in Kubernetes ${version}`;
      });
    });
  };
};
