import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { buildWithGo, cloneDir } from '@rookery/stack';
import { chartDir } from './layout.ts';

/** Helm and Kustomize, as Go modules. */
export interface DeployTools {
  /** Returns the objects that the chart renders to. @throws Error with what helm says */
  renderChart(valueFiles: readonly string[], set?: readonly string[]): string;
  /** Returns what `helm lint` finds. */
  lintChart(): string;
  /** Returns the objects of an overlay. @throws Error with what kustomize says */
  buildOverlay(dir: string): string;
  /** Path of helm itself. */
  readonly helm: string;
}

const run = (command: string, args: readonly string[]): string => {
  const limit = 64 * 1024 * 1024;
  return execFileSync(command, args, {
    encoding: 'utf8',
    maxBuffer: limit,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
};

/** Version of Kubernetes that helm renders for. */
const kubeVersion = '1.30.0';

/**
 * Builds helm and kustomize once, which takes minutes.
 * @throws Error if this machine has no Go
 */
export const openDeployTools = async (say: (line: string) => void): Promise<DeployTools> => {
  const dir = await buildWithGo({
    name: 'deploy-tools',
    source: join(cloneDir, 'deploy/tools'),
    packages: ['helm.sh/helm/v3/cmd/helm', 'sigs.k8s.io/kustomize/kustomize/v5'],
    say,
  });
  if (dir === undefined)
    throw new Error('Go is needed to build helm and kustomize: install Go 1.26 or later');
  const helm = join(dir, 'helm');
  return {
    helm,
    renderChart: (valueFiles, set = []) =>
      run(helm, [
        ...['template', 'rookery', chartDir, '--namespace', 'rookery', '--kube-version', kubeVersion],
        ...valueFiles.flatMap((file) => ['--values', file]),
        ...set.flatMap((each) => ['--set', each]),
      ]),
    lintChart: () => run(helm, ['lint', '--strict', chartDir]),
    buildOverlay: (overlay) => run(join(dir, 'kustomize'), ['build', overlay]),
  };
};
