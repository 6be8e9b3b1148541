// The script that draws the charts of a run's page with uPlot, in the browser, from the JSON in #data (charts.ts).
// Fault windows are shaded behind the curves, findings flagged by their number above them, limits dashed. All
// charts share one cursor and one zoom; the same figures are there as tables.

/** Browser code; needs uPlot loaded before it. */
export const CHART_SCRIPT = `
(function () {
  'use strict';
  var data = JSON.parse(document.getElementById('data').textContent);
  var plots = [];
  var sync = uPlot.sync('larsen');
  var whole = document.getElementById('whole');
  var range = [0, data.endS];

  function css(name) { return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim(); }
  function short(value, digits) { return String(Number(value.toPrecision(digits || 3))); }
  function size(bytes) {
    var units = ['B', 'KiB', 'MiB', 'GiB'], unit = 0;
    while (Math.abs(bytes) >= 1024 && unit < 3) { bytes /= 1024; unit++; }
    return short(bytes) + ' ' + units[unit];
  }
  function duration(ms) { return ms >= 1000 ? short(ms / 1000) + ' s' : short(ms, 2) + ' ms'; }
  var formats = {
    'lines/s': function (value) { return Math.round(value).toLocaleString('en-US'); },
    'bytes/s': function (value) { return size(value) + '/s'; },
    bytes: size,
    ms: duration
  };

  function severityColor(severity) { return css(severity === 'critical' ? 'invalid' : severity === 'major' ? 'unknown' : 'c-blue'); }

  // Behind the curves: the windows of faults.
  function drawBehind(u) {
    var c = u.ctx, box = u.bbox, ratio = devicePixelRatio;
    c.save();
    c.beginPath(); c.rect(box.left, box.top, box.width, box.height); c.clip();
    data.faults.forEach(function (fault) {
      var from = u.valToPos(fault.fromS, 'x', true), to = Math.max(from + 2 * ratio, u.valToPos(fault.toS, 'x', true));
      c.fillStyle = css('fault'); c.fillRect(from, box.top, to - from, box.height);
      c.fillStyle = css('fault-edge'); c.fillRect(from, box.top, 2 * ratio, box.height);
    });
    c.restore();
  }

  // Before the curves: findings as numbered flags on the rows above the plot, names of faults, end of load, limits.
  function drawBefore(chart) {
    return function (u) {
      var c = u.ctx, box = u.bbox, ratio = devicePixelRatio;
      c.save();
      flags().forEach(function (flag) {
        if (flag.finding.toS < range[0] || flag.finding.fromS > range[1]) return;
        var from = Math.max(box.left, u.valToPos(flag.finding.fromS, 'x', true));
        var to = Math.min(box.left + box.width, u.valToPos(flag.finding.toS, 'x', true));
        var y = box.top - (flagRows - flag.row) * 16 * ratio + 3 * ratio, height = 12 * ratio;
        c.fillStyle = severityColor(flag.finding.severity);
        c.globalAlpha = 0.28; c.fillRect(from, y + 4 * ratio, Math.max(0, to - from), 4 * ratio); c.globalAlpha = 1;
        c.beginPath(); c.arc(from, y + height / 2, 7 * ratio, 0, 7); c.fill();
        c.fillStyle = css('card'); c.font = 'bold ' + 10 * ratio + 'px system-ui, sans-serif';
        c.textAlign = 'center'; c.textBaseline = 'middle'; c.fillText(String(flag.finding.number), from, y + height / 2 + 0.5 * ratio);
      });
      c.save();
      c.beginPath(); c.rect(box.left, box.top, box.width, box.height); c.clip();
      c.font = 11 * ratio + 'px system-ui, sans-serif'; c.textAlign = 'left'; c.textBaseline = 'top'; c.fillStyle = css('fault-edge');
      data.faults.forEach(function (fault) { c.fillText(fault.label, u.valToPos(fault.fromS, 'x', true) + 6 * ratio, box.top + 4 * ratio); });
      c.strokeStyle = css('muted'); c.lineWidth = ratio; c.setLineDash([4 * ratio, 4 * ratio]);
      var end = Math.round(u.valToPos(data.loadEndS, 'x', true)) + 0.5;
      c.beginPath(); c.moveTo(end, box.top); c.lineTo(end, box.top + box.height); c.stroke();
      c.restore();
      if (chart.limit) {
        var line = Math.round(u.valToPos(chart.limit.value, 'y', true)) + 0.5;
        c.strokeStyle = c.fillStyle = css('invalid'); c.lineWidth = ratio; c.setLineDash([6 * ratio, 4 * ratio]);
        c.beginPath(); c.moveTo(box.left, line); c.lineTo(box.left + box.width, line); c.stroke();
        // Below its line where the names of the faults stand above it.
        var under = line - box.top < 34 * ratio;
        c.font = 11 * ratio + 'px system-ui, sans-serif'; c.textAlign = 'right'; c.textBaseline = under ? 'top' : 'bottom';
        c.fillText(chart.limit.label, box.left + box.width - 4 * ratio, line + (under ? 4 : -3) * ratio);
      }
      c.restore();
    };
  }

  // Each finding gets the first row that is free at its moment; at most four rows.
  var flagRows = 0, placed;
  function flags() {
    if (placed) return placed;
    var ends = [];
    placed = data.findings.slice(0, 40).map(function (finding) {
      var row = 0;
      while (row < 3 && ends[row] !== undefined && ends[row] > finding.fromS) row++;
      ends[row] = Math.max(finding.toS, finding.fromS + data.endS / 40);
      return { finding: finding, row: row };
    });
    flagRows = ends.length;
    return placed;
  }
  flags();

  // From the median out: ever fainter, the edge of the maximum drawn as the rest of the page draws a maximum.
  var BANDS = [{ fill: '80', width: 1 }, { fill: '52', width: 0.75 }, { fill: '30', width: 0.75 }, { fill: '18', width: 1.75 }];

  function lineSeries(series, format, bandAt) {
    var color = css('c-' + series.color), points = series.style === 'points', band = BANDS[bandAt];
    return {
      label: series.label, stroke: color, width: points ? 0 : band ? band.width : series.style === 'dashed' ? 1.5 : 1.75,
      dash: series.style === 'dashed' ? [5, 4] : undefined,
      fill: series.style === 'area' ? color + '2e' : band ? color + band.fill : undefined,
      spanGaps: series.isSparse === true,
      paths: points ? function () { return null; } : undefined,
      points: points ? { show: true, size: 7, fill: color, stroke: color } : { show: false },
      value: function (u, value) { return value === null || value === undefined ? '–' : format(value); }
    };
  }

  function yRange(chart) {
    if (chart.logarithmic) return function (u, min, max) { return [0.1, Math.max(100, Math.pow(10, Math.ceil(Math.log10(max || 1))))]; };
    return function (u, min, max) {
      var top = Math.max(max || 0, chart.limit ? chart.limit.value : 0) || 1;
      return [0, top * 1.12];
    };
  }

  // Sizes are cut at powers of two, so that ticks read 4 MiB and not 3.81 MiB.
  function increments(unit) {
    if (unit !== 'bytes' && unit !== 'bytes/s') return undefined;
    return Array.from({ length: 45 }, function (none, power) { return Math.pow(2, power); });
  }

  // One tick per power of ten: the lines in between are noise.
  function decades(u, axis, min, max) {
    var ticks = [];
    for (var tick = 0.1; tick <= max * 1.001; tick *= 10) ticks.push(Number(tick.toPrecision(1)));
    return ticks;
  }

  function values(chart) {
    return [chart.timesS].concat(chart.series.map(function (series) {
      return chart.logarithmic ? series.values.map(function (value) { return value === null ? null : Math.max(0.1, value); }) : series.values;
    }));
  }

  function options(chart, width) {
    var format = formats[chart.unit], axis = { stroke: css('muted'), font: '11px system-ui, sans-serif', grid: { stroke: css('grid'), width: 1 }, ticks: { show: false } };
    return {
      width: width, height: width < 500 ? 190 : 230, padding: [flagRows * 16 + 8, 14, 0, 0],
      scales: { x: { time: false, range: function () { return range; } }, y: { distr: chart.logarithmic ? 3 : 1, range: yRange(chart) } },
      axes: [
        Object.assign({}, axis, { size: 26, values: function (u, ticks) { return ticks.map(function (tick) { return tick + ' s'; }); } }),
        Object.assign({}, axis, { size: 74, incrs: increments(chart.unit), splits: chart.logarithmic ? decades : undefined, values: function (u, ticks) { return ticks.map(function (tick) { return tick === null ? null : format(tick); }); } })
      ],
      series: [{ label: 'time', value: function (u, value) { return value === null || value === undefined ? '–' : value.toFixed(2) + ' s'; } }]
        .concat(chart.series.map(function (series, index) { return lineSeries(series, format, series.style === 'band' ? index : -1); })),
      bands: chart.series.flatMap(function (series, index) { return series.style === 'band' && index > 0 ? [{ series: [index + 1, index] }] : []; }),
      cursor: { sync: { key: sync.key, setSeries: false }, drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
      hooks: { drawClear: [drawBehind], draw: [drawBefore(chart)], setSelect: [zoomToSelection] }
    };
  }

  function zoomToSelection(u) {
    if (u.select.width < 4) return;
    var from = u.posToVal(u.select.left, 'x'), to = u.posToVal(u.select.left + u.select.width, 'x');
    u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    zoom(from, to);
  }

  function zoom(from, to) {
    range = [Math.max(0, from), Math.min(data.endS, to)];
    whole.hidden = range[0] === 0 && range[1] === data.endS;
    plots.forEach(function (plot) { plot.u.setScale('x', { min: range[0], max: range[1] }); });
  }

  function draw() {
    plots.forEach(function (plot) { plot.u.destroy(); });
    plots = data.charts.map(function (chart) {
      var box = document.querySelector('#chart-' + chart.id + ' .plot');
      var u = new uPlot(options(chart, box.clientWidth), values(chart), box);
      u.over.addEventListener('dblclick', function () { zoom(0, data.endS); });
      return { u: u, box: box, width: box.clientWidth };
    });
  }

  function fillTable(chart, box) {
    var table = document.createElement('table'), format = formats[chart.unit], body = document.createElement('tbody');
    function row(parent, cells, tag) {
      var tr = document.createElement('tr');
      cells.forEach(function (text) { var cell = document.createElement(tag); cell.textContent = text; tr.appendChild(cell); });
      parent.appendChild(tr);
    }
    var head = document.createElement('thead');
    row(head, ['second'].concat(chart.series.map(function (series) { return series.label; })), 'th');
    chart.timesS.forEach(function (time, index) {
      row(body, [time.toFixed(2)].concat(chart.series.map(function (series) { var value = series.values[index]; return value === null ? '–' : format(value); })), 'td');
    });
    table.appendChild(head); table.appendChild(body); box.appendChild(table);
  }

  data.charts.forEach(function (chart) {
    var details = document.querySelector('#chart-' + chart.id + ' details');
    details.addEventListener('toggle', function () {
      var box = details.querySelector('.scroll');
      if (details.open && !box.firstChild) fillTable(chart, box);
    });
  });
  document.querySelectorAll('[data-from]').forEach(function (button) {
    button.hidden = data.charts.length === 0;
    button.addEventListener('click', function () {
      var from = Number(button.dataset.from), to = Number(button.dataset.to), margin = Math.max(2, (to - from) * 0.2);
      zoom(from - margin, to + margin);
      document.getElementById('charts').scrollIntoView();
    });
  });
  if (whole) whole.addEventListener('click', function () { zoom(0, data.endS); });
  document.addEventListener('theme', draw);
  // Paper is light whatever the screen is.
  var root = document.documentElement, themeOnScreen;
  function retheme(theme) {
    if (theme) root.setAttribute('data-theme', theme); else root.removeAttribute('data-theme');
    draw();
  }
  addEventListener('beforeprint', function () { themeOnScreen = root.getAttribute('data-theme'); retheme('light'); });
  addEventListener('afterprint', function () { retheme(themeOnScreen); });
  addEventListener('resize', function () {
    plots.forEach(function (plot) {
      var width = plot.box.clientWidth;
      if (width !== plot.width) { plot.width = width; plot.u.setSize({ width: width, height: width < 500 ? 190 : 230 }); }
    });
  });
  draw();
})();
`;
