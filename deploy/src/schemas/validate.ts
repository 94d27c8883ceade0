import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { type Manifest, titleOf } from '../manifest.ts';
import type { ApiSchemas } from './prune.ts';

/** Versions of Kubernetes against which manifests are validated: the oldest that the chart supports, and the newest that is known. */
export const kubernetesVersions = ['1.30', '1.37'] as const;

const read = (name: string): ApiSchemas =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'generated', `${name}.json`), 'utf8')) as ApiSchemas;

/** Returns a function that finds the validator of a kind, which is compiled when it is first asked for. */
const validatorsOf = ({ kinds, $defs }: ApiSchemas) => {
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    logger: false,
    validateFormats: false,
    unicodeRegExp: false,
  });
  ajv.addSchema({ $id: 'api', $defs });
  return (kind: string): ValidateFunction | undefined => {
    const name = kinds[kind];
    return name === undefined ? undefined : ajv.getSchema(`api#/$defs/${name}`);
  };
};

/**
 * Returns what the API servers of all these versions would refuse, unknown fields included.
 * @param unchecked kinds without a schema here, which are valid by definition
 */
export const createValidator = (unchecked: readonly string[] = []) => {
  const custom = validatorsOf(read('custom-resources'));
  const versions = kubernetesVersions.map(
    (version) => [version, validatorsOf(read(`kubernetes-${version}`))] as const,
  );
  return (of: Manifest): string[] => {
    const key = `${of.apiVersion} ${of.kind}`;
    if (unchecked.includes(key)) return [];
    return versions.flatMap(([version, native]) => {
      const validate = native(key) ?? custom(key);
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
