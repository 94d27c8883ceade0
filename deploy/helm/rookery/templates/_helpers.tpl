{{- define "rookery.fullname" -}}
{{- if contains "rookery" .Release.Name -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}{{ printf "%s-rookery" .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{/* The processes that run, by name; files/processes.yaml is made from the code. */}}
{{- define "rookery.processes" -}}
{{- $all := .Files.Get "files/processes.yaml" | fromYaml -}}
{{- $processes := $all.processes -}}
{{- if not .Values.registry.enabled -}}{{ $processes = omit $processes "registry" }}{{- end -}}
{{ $processes | toYaml }}
{{- end }}

{{- define "rookery.selector" -}}
app.kubernetes.io/name: rookery
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .name }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "rookery.labels" -}}
{{ include "rookery.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* The image of one process, or of all. */}}
{{- define "rookery.image" -}}
{{- $image := mergeOverwrite (deepCopy .root.Values.image) (.values.image | default dict) -}}
{{- if $image.digest -}}{{ $image.repository }}@{{ $image.digest }}
{{- else -}}{{ $image.repository }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* Name of a Secret of keys: gateway, token, cursor, registry or registryPublic. */}}
{{- define "rookery.keySecret" -}}
{{- $defaults := dict "gateway" "gateway-key" "token" "token-key" "cursor" "cursor" "registry" "registry-key" "registryPublic" "registry-public" -}}
{{- $default := get $defaults .key -}}
{{- index .root.Values.keys .key | default (printf "%s-%s" (include "rookery.fullname" .root) $default) -}}
{{- end }}

{{- define "rookery.settingsSecret" -}}
{{- .Values.settingsSecret | default (printf "%s-settings" (include "rookery.fullname" .)) -}}
{{- end }}

{{/* Address of a store, with the file of its credentials; empty if it is not used. */}}
{{- define "rookery.storeUrl" -}}
{{- $store := index .root.Values.stores .store -}}
{{- if and $store.url $store.credentials.secretName -}}
{{ $store.url }}{{ contains "?" $store.url | ternary "&" "?" }}credentials-file=/keys/{{ .store }}
{{- else -}}{{ $store.url }}{{- end -}}
{{- end }}

{{/* Settings that follow from this chart, by name, for all processes. */}}
{{- define "rookery.fixed" -}}
{{- $root := . -}}
{{- $name := include "rookery.fullname" . -}}
{{- $all := .Files.Get "files/processes.yaml" | fromYaml -}}
NODE_ENV: production
HOST: 0.0.0.0
METRICS_HOST: 0.0.0.0
SHUTDOWN_TIMEOUT: {{ .Values.shutdown.timeoutMs }}
MUTATION_URL: http://{{ $name }}-mutation:{{ $all.processes.mutation.port }}
QUERY_URL: http://{{ $name }}-query:{{ $all.processes.query.port }}
RECORDER_URL: http://{{ $name }}-recorder:{{ $all.processes.recorder.port }}
PROJECTOR_URL: http://{{ $name }}-projector:{{ $all.processes.projector.port }}
GATEWAY_URL: {{ empty .Values.gateway.tlsSecretName | ternary "http" "https" }}://{{ $name }}-gateway:{{ $all.processes.gateway.port }}
GATEWAY_KEYS_URL: http://{{ $name }}-gateway:{{ $all.processes.gateway.metricsPort }}/.well-known/gateway-keys.json
INTERNAL_KEY_FILE: /keys/internal-key.pem
TOKEN_KEY_FILE: /keys/token-key.pem
CURSOR_SECRET: file:///keys/cursor-secrets
REGISTRY_KEY_FILE: /keys/registry-key.pem
{{- if .Values.registry.enabled }}
REGISTRY_NATS_URL: {{ include "rookery.storeUrl" (dict "root" $root "store" "nats") }}
{{- end }}
{{- if and .Values.registry.enabled .Values.registry.serveSupergraph }}
REGISTRY_URL: http://{{ $name }}-registry:{{ $all.processes.registry.port }}
SUPERGRAPH_LAST_GOOD: /state/supergraph.json
{{- end }}
{{- with .Values.gateway.tlsSecretName }}
TLS_CERT_FILE: /tls/tls.crt
TLS_KEY_FILE: /tls/tls.key
{{- end }}
{{- range $process := $all.processes }}
{{ $process.portSetting }}: {{ $process.port }}
{{ $process.metricsPortSetting }}: {{ $process.metricsPort }}
{{- end }}
{{- range $setting, $store := $all.stores }}
{{- with include "rookery.storeUrl" (dict "root" $root "store" $store) }}
{{ $setting }}: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{/* Environment of one process: the settings that it reads, from this chart or from the values. */}}
{{- define "rookery.environment" -}}
{{- $fixed := include "rookery.fixed" .root | fromYaml -}}
{{- if and (eq .name "gateway") $fixed.REGISTRY_URL -}}
{{- $_ := set $fixed "SUPERGRAPH_KEYS_FILE" "/keys/registry-keys.jwks" -}}
{{- else if eq .name "registry" -}}
{{- $_ := set $fixed "SUPERGRAPH_KEYS_FILE" "/state/registry-keys.jwks" -}}
{{- end -}}
{{- $root := .root -}}
{{- $environment := dict -}}
{{- range .process.settings -}}
{{- $value := hasKey $fixed . | ternary (get $fixed .) (get $root.Values.settings .) -}}
{{- if not (empty $value) }}{{- $_ := set $environment . (toString $value) }}{{- end -}}
{{- end -}}
{{ $environment | toYaml }}
{{- end }}

{{/* Stores that one process uses, as a list of names. */}}
{{- define "rookery.stores" -}}
{{- $root := .root -}}
{{- $used := list -}}
{{- range .process.stores -}}
{{- if (index $root.Values.stores .).url }}{{ $used = append $used . }}{{ end -}}
{{- end -}}
{{- if and (eq .name "gateway") $root.Values.registry.enabled }}{{ $used = append $used "nats" }}{{ end -}}
{{ $used | toYaml }}
{{- end }}

{{/* Sources of the projected volume with the keys and credentials of one process. */}}
{{- define "rookery.keySources" -}}
{{- $root := .root -}}
{{- $keys := .process.keys -}}
{{- if and (eq .name "gateway") $root.Values.registry.enabled $root.Values.registry.serveSupergraph -}}
{{- $keys = append $keys (dict "secret" "registryPublic" "file" "registry-keys.jwks") -}}
{{- end -}}
{{- range $keys }}
- secret:
    name: {{ include "rookery.keySecret" (dict "root" $root "key" .secret) }}
    items:
      - { key: {{ .file }}, path: {{ .file }} }
{{- end }}
{{- range $store := include "rookery.stores" . | fromYamlArray }}
{{- with (index $root.Values.stores $store).credentials }}
{{- if .secretName }}
- secret:
    name: {{ .secretName }}
    items:
      - { key: {{ .key }}, path: {{ $store }} }
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Environment variables of a container that are secrets. */}}
{{- define "rookery.secretEnvironment" -}}
{{- $root := .root -}}
{{- range .process.secretSettings }}
- name: {{ . }}
  valueFrom:
    secretKeyRef: { name: {{ include "rookery.settingsSecret" $root }}, key: {{ . }}, optional: true }
{{- end }}
{{- end }}

{{/* The restricted profile of the Pod Security Standards. */}}
{{- define "rookery.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "rookery.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Seconds until SIGKILL: the wait before SIGTERM, the graceful stop, and a rest. */}}
{{- define "rookery.gracePeriod" -}}
{{- with .Values.shutdown -}}
{{ add .preStopSeconds (div (add (int .timeoutMs) 999) 1000) 4 }}
{{- end -}}
{{- end }}

{{/* True if something else than the Deployment decides on the number of replicas. */}}
{{- define "rookery.isScaled" -}}
{{- if or (and .autoscaling .autoscaling.enabled) (and .keda .keda.enabled) -}}true{{- end -}}
{{- end }}

{{/* Rules of a NetworkPolicy by which a process reaches the stores that it uses. */}}
{{- define "rookery.storeEgress" -}}
{{- $root := .root -}}
{{- range include "rookery.stores" . | fromYamlArray }}
{{- with index $root.Values.stores . }}
- ports:
    - { port: {{ .port }} }
  {{- with .peers }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}
