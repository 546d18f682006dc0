// Tell the kernel which part of the plane a plot of jupyter-scatter shows.
export default {
  initialize({ model }) {
    const channel = new BroadcastChannel("pub-sub-es");
    let waiting;
    channel.onmessage = ({ data: { event, news } }) => {
      if (event !== "jscatter::view" || news?.uuid !== model.get("channel")) return;
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        model.set("domain", [...news.xScaleDomain, ...news.yScaleDomain]);
        model.save_changes();
      }, 150);
    };
    return () => {
      clearTimeout(waiting);
      channel.close();
    };
  },
};
