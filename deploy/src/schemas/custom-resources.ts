import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { downloadGoModule } from '@rookery/stack';

/** Custom resource definitions, as files of Go modules. */
const customResources = [
  {
    module: 'sigs.k8s.io/gateway-api@v1.6.3',
    file: 'config/crd/standard/gateway.networking.k8s.io_httproutes.yaml',
  },
  { module: 'github.com/kedacore/keda/v2@v2.21.0', file: 'config/crd/bases/keda.sh_scaledobjects.yaml' },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    file: 'example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml',
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    file: 'example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml',
  },
];

/** Returns the definitions of the custom resources that the manifests use, as YAML; downloads the modules that have them. */
export const readCustomResources = (): string[] =>
  customResources.map(({ module, file }) => readFileSync(join(downloadGoModule(module), file), 'utf8'));
