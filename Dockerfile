# The station in a container. How to run it, with its devices and groups: docs/install.md, "In a container".

FROM node:22-bookworm-slim AS build
# Two native modules may have to be compiled; the headers of Node are in the image.
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 make g++ \
  && rm -rf /var/lib/apt/lists/*
ENV npm_config_nodedir=/usr/local
WORKDIR /opt/jigd
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:22-bookworm-slim
RUN useradd --system --uid 900 --home-dir /var/lib/jigd --shell /usr/sbin/nologin jigd \
  && install -d -o jigd -g jigd /var/lib/jigd \
  && install -d -o jigd -g jigd -m 750 /run/jigd \
  && install -d /etc/jigd/jobs
WORKDIR /opt/jigd
COPY --from=build /opt/jigd/package.json ./
COPY --from=build /opt/jigd/node_modules node_modules
COPY --from=build /opt/jigd/dist dist
COPY config config
USER jigd
VOLUME /var/lib/jigd
# `docker run --init` adds a first process that reaps children; signals reach the station either way.
ENTRYPOINT ["node", "/opt/jigd/dist/main.js"]
CMD ["run"]
