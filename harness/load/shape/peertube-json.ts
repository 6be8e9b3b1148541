// `peertube-json`: the line of PeerTube's JSON log as an agent gets it that reads the log file, or whoever prints it to stdout:
// level, message (the combined line), tags, label and timestamp.

import { type AccessShape, createAccessShape } from './access-shape.ts';
import { formatCombined } from './peertube.ts';

/** Today's PeerTube as JSON. */
export const peertubeJson: AccessShape = createAccessShape({
  name: 'peertube-json',
  formatAccessLine: (facts) => [
    JSON.stringify({
      level: 'info',
      message: formatCombined(facts),
      tags: ['http'],
      label: 'video.example.net:443',
      timestamp: new Date(facts.startedAtMs + facts.durationNs / 1e6).toISOString(),
    }),
  ],
});
