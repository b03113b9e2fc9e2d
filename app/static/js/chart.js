// What the charts' own script expects to find: how large the drawing is, and plain tooltips.
const box = document.documentElement.viewBox.baseVal;

window.pygal = {
  config: {
    no_prefix: true,
    tooltip_fancy_mode: false,
    legends: [],
    width: box.width,
    height: box.height,
  },
};
