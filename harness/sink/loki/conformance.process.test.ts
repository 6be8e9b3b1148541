import { lokiConformance } from '../../testing/loki-conformance.ts';
import { lokiSink } from './sink.ts';

for (const version of ['3.7', '2019'] as const) {
  lokiConformance({
    name: 'the embedded sink',
    version,
    start: () =>
      lokiSink.start({
        port: 0,
        dataDir: '',
        sharedDir: '',
        upstreamUrl: undefined,
        params: { version },
        emit: () => undefined,
      }),
  });
}
