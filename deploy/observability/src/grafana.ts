import { LegendDisplayMode, VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  type Dashboard as GrafanaDashboard,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Dashboard, Panel, Unit } from './dashboards/index.ts';
import { withWindow } from './expression.ts';

/** Grafana's names of units. */
const units: Readonly<Record<Unit, string>> = {
  seconds: 's',
  bytes: 'bytes',
  count: 'short',
  perSecond: 'cps',
  ratio: 'percentunit',
};

/** The reader chooses the Prometheus, so that one dashboard serves several. */
const datasource = { type: 'prometheus', uid: '$datasource' };

/** Half of the width, which has 24 columns. */
const panelWidth = 12;
const panelHeight = 8;

const panelOf = (id: number, { title, about, unit, queries }: Panel): PanelBuilder => {
  const panel = new PanelBuilder()
    .id(id)
    .title(title)
    .description(about)
    .datasource(datasource)
    .unit(units[unit])
    .min(0)
    .span(panelWidth)
    .height(panelHeight)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .calcs(['lastNotNull', 'max']),
    );
  for (const [i, { expr, legend }] of queries.entries())
    panel.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCharCode('A'.charCodeAt(0) + i))
        .datasource(datasource)
        .expr(withWindow(expr, '$__rate_interval'))
        .legendFormat(legend)
        .exemplar(true),
    );
  return panel;
};

/** Returns a dashboard in Grafana's format. */
export const toGrafana = ({ name, title, about, sections }: Dashboard): GrafanaDashboard => {
  const builder = new DashboardBuilder(title)
    .uid(`rookery-${name}`)
    .description(about)
    .tags(['rookery', 'generated'])
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .readonly()
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
  let id = 1;
  for (const section of sections) {
    builder.withRow(new RowBuilder(section.title).id(id++));
    for (const panel of section.panels) builder.withPanel(panelOf(id++, panel));
  }
  return builder.build();
};
