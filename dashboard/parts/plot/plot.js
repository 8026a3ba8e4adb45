// A chart: drawn by plotly once, and changed in place whenever its numbers, its width or the page's theme change.

/** What stands in an element: the figure last asked for, and who looks after its width. */
const charts = new WeakMap();

/** The library, fetched once for the page. */
const library = source =>
  (window.breakevenPlotly ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => done(window.Plotly);
    script.onerror = () => {
      window.breakevenPlotly = undefined;
      failed(new Error("the library that draws charts did not load"));
    };
    document.head.append(script);
  }));

/** The page's fonts and colours as a template, which what the figure says itself overrides. */
const look = element => {
  const style = getComputedStyle(element),
    of = name => style.getPropertyValue(`--st-${name}`).trim();
  const text = of("text-color"),
    lines = of("border-color-light") || of("border-color"),
    ground = of("background-color");
  const axis = {
    gridcolor: lines,
    zerolinecolor: lines,
    tickcolor: lines,
    tickfont: {size: 12},
    title: {font: {size: 14}, standoff: 16},
    automargin: true,
  };
  return {
    layout: {
      font: {color: text, family: of("font"), size: 12},
      paper_bgcolor: ground,
      plot_bgcolor: ground,
      margin: {pad: 8},
      xaxis: {...axis, showgrid: false, zeroline: false},
      yaxis: axis,
      hoverlabel: {bgcolor: ground, bordercolor: of("border-color"), font: {color: text, size: 12}},
    },
  };
};

const draw = chart => {
  const {element, figure, config} = chart,
    width = element.clientWidth;
  if (!width || !chart.plotly) return;
  chart.width = width;
  chart.plotly.react(element, figure.data, {...figure.layout, width, template: look(element)}, config);
};

export default function ({data, parentElement}) {
  const element = parentElement.querySelector(".breakeven-chart");
  const chart = charts.get(element) ?? {element};
  charts.set(element, chart);
  chart.figure = JSON.parse(data.figure);
  chart.config = data.config;
  element.style.minHeight = `${chart.figure.layout.height}px`; // nothing below moves while the library comes
  element.setAttribute("role", "figure");
  element.setAttribute("aria-label", data.sentence);
  if (chart.plotly) draw(chart);
  else
    library(data.library).then(plotly => {
      chart.plotly = plotly;
      draw(chart);
    });
  chart.observer ??= new ResizeObserver(() => element.clientWidth !== chart.width && draw(chart));
  chart.observer.observe(element);
  return () => {
    chart.observer.disconnect();
    chart.plotly?.purge(element);
    charts.delete(element);
  };
}
