# One image for every role: `docker run … kairos trade`. Without a command it runs everything embedded in /data.

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
ENV TURBO_TELEMETRY_DISABLED=1
# What is installed follows from these files alone: a change of the sources installs nothing again.
COPY package.json package-lock.json ./
COPY schema/package.json schema/
COPY ports/package.json ports/
COPY engine/package.json engine/
COPY api/package.json api/
COPY web/package.json web/
RUN npm ci --no-audit --no-fund
COPY . .
# What stays: no tool of the build, nothing of the page but its files.
RUN npm run build && \
    npm ci --omit=dev --no-audit --no-fund --workspace=schema --workspace=ports --workspace=engine --workspace=api

FROM node:20.20.2-bookworm-slim
LABEL org.opencontainers.image.title="Kairos" \
      org.opencontainers.image.description="A crypto trading platform that you run yourself" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
WORKDIR /app
ENV DATA_DIR=/data
RUN install -d -o node -g node -m 700 /data && \
    ln -s /app/engine/bin/kairos.mjs /usr/local/bin/kairos
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/schema/package.json schema/
COPY --from=build /app/schema/dist schema/dist
COPY --from=build /app/ports/package.json ports/
COPY --from=build /app/ports/dist ports/dist
COPY --from=build /app/engine/package.json engine/
COPY --from=build /app/engine/bin engine/bin
COPY --from=build /app/engine/dist engine/dist
COPY --from=build /app/api/package.json api/
COPY --from=build /app/api/dist api/dist
COPY --from=build /app/web/package.json web/
COPY --from=build /app/web/build web/build
# The image's user `node`.
USER 1000:1000
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=15s --timeout=10s --retries=4 --start-period=60s CMD ["kairos", "doctor", "--role", "api"]
ENTRYPOINT ["kairos"]
CMD ["start", "--json"]
