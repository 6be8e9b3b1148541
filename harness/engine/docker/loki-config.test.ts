import { describe, expect, it } from 'vitest';
import { SINK_LIMITS } from '../../model/sink-limits.ts';
import { createLokiConfig, findDifferences, lokiMajorOf } from './loki-config.ts';

describe('the config of a real Loki', () => {
  for (const [version, major] of [
    ['3.7', 3],
    ['2019', 1],
  ] as const)
    it(`of ${version} is what was asked when it is read back, and any other limit is named`, () => {
      const limits = SINK_LIMITS[version];
      const config = createLokiConfig(limits, major);
      expect(findDifferences(limits, config, major)).toEqual([]);
      expect(findDifferences({ ...limits, grpcMessageMaxBytes: 1 }, config, major)).toEqual([
        'server.grpc_server_max_recv_msg_size is 4194304, not 1',
      ]);
      expect(findDifferences({ ...limits, rateBytesPerSecond: 1_048_576 }, config, major)).toEqual([
        'limits_config.ingestion_rate_mb is 4, not 1',
      ]);
      expect(findDifferences(limits, null, major).length).toBeGreaterThan(4);
    });

  it('reads sizes in any of the units that Loki prints', () => {
    const limits = SINK_LIMITS['3.7'];
    const config = createLokiConfig(limits, 3) as { limits_config: Record<string, unknown> };
    Object.assign(config.limits_config, { per_stream_rate_limit: '3MB', max_line_size: '256KB' });
    expect(findDifferences(limits, config, 3)).toEqual([]);
  });

  it('takes the major version from the tag', () => {
    expect(['grafana/loki:3.7.8', 'mirror:5000/loki:v1.6.1', 'loki:latest'].map(lokiMajorOf)).toEqual([3, 1, 3]);
  });
});
